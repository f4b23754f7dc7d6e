package io.github.hydragen.cpu.store;

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
import org.junit.jupiter.params.provider.CsvSource;

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

  private static int[] each(int count) {
    int[] counts = new int[SEQUENCES];
    Arrays.fill(counts, count);
    return counts;
  }

  private static void append(SequenceBatch batch, int count) {
    Tensor k = random(count, SEQUENCES * count, SHAPE.kvHeads());
    Tensor v = random(-count, SEQUENCES * count, SHAPE.kvHeads());
    batch.append(k, v, each(count));
  }

  /** The outputs of some query tokens of each sequence after each call, then of a promotion. */
  private static float[] outputs(String backend, DataType storage, int queries) {
    EngineOptions options = EngineOptions.defaults().withBackend(backend).withStorage(storage);
    int tokens = SEQUENCES * queries;
    float[] all = new float[(CALLS.length + 1) * tokens * SHAPE.queryHeads() * SHAPE.headDim()];
    float[] part = new float[all.length / (CALLS.length + 1)];
    Tensor out = Tensor.of(part, tokens, SHAPE.queryHeads(), SHAPE.headDim());
    int at = 0;
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(SEQUENCES, CAPACITY);
      for (int[] call : CALLS) {
        for (int s = 0; s < SEQUENCES; s++) {
          batch.truncate(s, call[0]);
        }
        append(batch, call[1]);
        batch.attend(random(at, tokens, SHAPE.queryHeads()), out, null, each(queries));
        out.get(0, part);
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
      batch.promote(1);
      batch.clear(0);
      append(batch, queries);
      batch.attend(random(at, tokens, SHAPE.queryHeads()), out, null, each(queries));
      out.get(0, part);
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }

  /** One query token goes through the streaming kernel, twelve through the other. */
  @ParameterizedTest
  @CsvSource({"F32, 1", "F32, 12", "F16, 1", "F16, 12", "BF16, 1", "BF16, 12"})
  void theyAreWhatTheReferenceReads(DataType storage, int queries) {
    float[] expected = outputs("reference", storage, queries);
    assertArrayEquals(expected, outputs("cpu", storage, queries), 2e-6f);
  }
}
