package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Suffixes that grow and shrink over the ends of their blocks, beside the reference backend. */
class SuffixBlocksTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 24);
  private static final int SEQUENCES = 2;

  /** Two blocks and a short one, whose strips are of two widths. */
  private static final int CAPACITY = 613;

  /** Tokens that a call appends, and the length to which it truncates before. */
  private static final int[][] CALLS = {
    {0, 255}, {255, 1}, {256, 1}, {257, 255}, {512, 101}, {600, 1}, {255, 258}, {40, 573}
  };

  private static Tensor random(int seed, int tokens, int heads) {
    float[] values = new float[tokens * heads * SHAPE.headDim()];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Tensor.of(values, tokens, heads, SHAPE.headDim());
  }

  /** The outputs of one query token of each sequence after each call, then behind a promotion. */
  private static float[] outputs(String backend, DataType storage) {
    EngineOptions options = EngineOptions.defaults().withBackend(backend).withStorage(storage);
    float[] all = new float[(CALLS.length + 1) * SEQUENCES * SHAPE.queryHeads() * SHAPE.headDim()];
    float[] row = new float[all.length / (CALLS.length + 1)];
    Tensor out = Tensor.of(row, SEQUENCES, SHAPE.queryHeads(), SHAPE.headDim());
    int at = 0;
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(SEQUENCES, CAPACITY);
      for (int[] call : CALLS) {
        int tokens = SEQUENCES * call[1];
        int[] counts = new int[SEQUENCES];
        Arrays.fill(counts, call[1]);
        for (int s = 0; s < SEQUENCES; s++) {
          batch.truncate(s, call[0]);
        }
        Tensor k = random(call[0], tokens, SHAPE.kvHeads());
        batch.append(k, random(call[1], tokens, SHAPE.kvHeads()), counts);
        batch.attend(random(at, SEQUENCES, SHAPE.queryHeads()), out, null);
        out.get(0, row);
        System.arraycopy(row, 0, all, at, row.length);
        at += row.length;
      }
      batch.promote(1);
      batch.append(random(1, 3, SHAPE.kvHeads()), random(2, 3, SHAPE.kvHeads()), new int[] {0, 3});
      batch.attend(random(at, SEQUENCES, SHAPE.queryHeads()), out, null);
      out.get(0, row);
      System.arraycopy(row, 0, all, at, row.length);
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void theyAreWhatTheReferenceReads(DataType storage) {
    assertArrayEquals(outputs("reference", storage), outputs("cpu", storage), 2e-6f);
  }
}
