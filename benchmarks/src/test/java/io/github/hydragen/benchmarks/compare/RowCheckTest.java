package io.github.hydragen.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Hydragen;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.ScalarLoop;
import io.github.hydragen.benchmarks.Staging;
import io.github.hydragen.cli.check.SyntheticTokens;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowCheckTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 24);

  static List<DecodeCase> cases() {
    return Stream.of(DataType.values())
        .flatMap(
            type ->
                Stream.of(
                    new DecodeCase(3, 13, 7, SHAPE, type),
                    new DecodeCase(3, 13, 0, SHAPE, type),
                    new DecodeCase(3, 0, 7, SHAPE, type)))
        .toList();
  }

  private static boolean passes(Peer peer, DecodeCase c) {
    try (SyntheticTokens tokens = new SyntheticTokens(1, c.type(), SHAPE.queryRow());
        Contender contender = peer.open(c, new Staging(tokens), 2)) {
      contender.step();
      contender.step();
      return RowCheck.isRounding(c, RowCheck.of(c, tokens, contender));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void contendersOfThisProjectPass(DecodeCase c) {
    assertTrue(passes(new Hydragen(true), c));
    assertTrue(passes(new Hydragen(false), c));
    assertTrue(passes(new ScalarLoop(), c));
  }

  /** Two sequences' results exchanged: the most that a mistaken layout may hide behind. */
  @ParameterizedTest
  @MethodSource("cases")
  void exchangedRowsDoNotPass(DecodeCase c) {
    try (SyntheticTokens tokens = new SyntheticTokens(1, c.type(), SHAPE.queryRow());
        Contender contender = new ScalarLoop().open(c, new Staging(tokens), 1)) {
      contender.step();
      exchange(contender.out(), SHAPE.queryRow());
      assertFalse(RowCheck.isRounding(c, RowCheck.of(c, tokens, contender)));
    }
  }

  private static void exchange(Tensor out, int row) {
    for (int i = 0; i < row; i++) {
      float first = out.get(i);
      out.set(i, out.get((long) row + i));
      out.set((long) row + i, first);
    }
  }

  @Test
  void anOutputThatIsNotANumberDoesNotPass() {
    DecodeCase c = new DecodeCase(1, 13, 7, SHAPE, DataType.BF16);
    try (SyntheticTokens tokens = new SyntheticTokens(1, c.type(), SHAPE.queryRow());
        Contender contender = new ScalarLoop().open(c, new Staging(tokens), 1)) {
      contender.step();
      for (int i = 0; i < SHAPE.queryHeads(); i++) {
        contender.out().set((long) i * SHAPE.headDim(), Float.NaN);
      }
      assertFalse(RowCheck.isRounding(c, RowCheck.of(c, tokens, contender)));
    }
  }
}
