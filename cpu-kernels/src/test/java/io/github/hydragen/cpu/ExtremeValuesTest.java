package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Huge values that a query does not see, and NaN that it does, through the matrix kernel. */
class ExtremeValuesTest {
  private static final int DIM = 8;
  private static final int TOKENS = 32;

  private static AttentionEngine engine(DataType storage, Sharing sharing) {
    return AttentionEngine.open(
        AttentionShape.of(1, 1, DIM),
        EngineOptions.defaults().withBackend("cpu").withStorage(storage).withSharing(sharing));
  }

  private static float[] all(int tokens, float value) {
    float[] values = new float[tokens * DIM];
    Arrays.fill(values, value);
    return values;
  }

  private static Tensor tokens(float[] values) {
    return Tensor.of(values, 1, values.length / DIM, 1, DIM);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 1e34",
    "F32, 3e38",
    "BF16, 1e36",
    "BF16, 3e38",
    "F16, 65504",
    "F32, NaN",
    "F32, Infinity",
    "BF16, NaN",
    "F16, -Infinity",
    "F16, NaN"
  })
  void whatAQueryDoesNotSeeHasNoPartInItsOutput(DataType storage, float hidden) {
    try (AttentionEngine engine = engine(storage, Sharing.AUTO);
        SequenceBatch batch = engine.batch(1, TOKENS)) {
      float[] values = all(TOKENS, 1);
      Arrays.fill(values, (TOKENS - 1) * DIM, TOKENS * DIM, hidden);
      batch.append(tokens(all(TOKENS, 0)), tokens(values));
      float[] out = new float[TOKENS * DIM];
      batch.attend(tokens(all(TOKENS, 0)), tokens(out), null);
      for (int i = 0; i < (TOKENS - 1) * DIM; i++) {
        assertEquals(1, out[i], 2e-6f, "element " + i);
      }
      float last = out[out.length - 1];
      if (Float.isFinite(hidden)) {
        assertEquals(hidden / TOKENS, last, hidden / TOKENS * 0.1f);
      } else {
        assertEquals(hidden, last);
      }
    }
  }

  /** Of a prefix of 100 tokens, sequence 1 sees those from 89 on, sequence 0 from 82 on. */
  @ParameterizedTest
  @EnumSource(DataType.class)
  void whatAnotherSequenceSeesHasNoPartEither(DataType storage) {
    EngineOptions options =
        EngineOptions.defaults()
            .withBackend("cpu")
            .withStorage(storage)
            .withSharing(Sharing.ALWAYS)
            .withWindow(20);
    float[] values = all(100, 1);
    values[85 * DIM] = Float.POSITIVE_INFINITY;
    try (AttentionEngine engine = AttentionEngine.open(AttentionShape.of(2, 1, DIM), options);
        Prefix prefix = engine.prefix(all(100, 0), values);
        SequenceBatch batch = engine.batch(20, 10)) {
      batch.attachAll(prefix);
      int[] counts = new int[20];
      Arrays.fill(counts, 2);
      counts[1] = 10;
      Tensor tokens = Tensor.of(all(48, 1), 48, 1, DIM);
      batch.append(tokens, tokens, counts);
      float[] out = new float[40 * DIM];
      batch.attend(all(40, 0), out, null);
      assertEquals(Float.POSITIVE_INFINITY, out[0]);
      assertEquals(1, out[2 * DIM], 2e-6f);
    }
  }

  @Test
  void aQueryThatIsNanHasNanForOutput() {
    try (AttentionEngine engine = engine(DataType.F32, Sharing.AUTO);
        SequenceBatch batch = engine.batch(1, TOKENS)) {
      batch.append(tokens(all(TOKENS, 1)), tokens(all(TOKENS, 1)));
      float[] out = new float[TOKENS * DIM];
      float[] lse = new float[TOKENS];
      batch.attend(tokens(all(TOKENS, Float.NaN)), tokens(out), Tensor.of(lse, 1, TOKENS, 1));
      for (int i = 0; i < out.length; i++) {
        assertTrue(Float.isNaN(out[i]) && Float.isNaN(lse[i / DIM]), "element " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"ALWAYS", "NEVER"})
  void aPrefixThatIsNanIsNotLeftOut(Sharing sharing) {
    int sequences = 32;
    try (AttentionEngine engine = engine(DataType.F32, sharing);
        Prefix prefix = engine.prefix(all(800, Float.NaN), all(800, 5));
        SequenceBatch batch = engine.batch(sequences, 4)) {
      batch.attachAll(prefix);
      batch.append(all(sequences, 1), all(sequences, 1));
      float[] out = new float[sequences * DIM];
      batch.attend(all(sequences, 1), out, null);
      for (int i = 0; i < out.length; i++) {
        assertTrue(Float.isNaN(out[i]), "element " + i);
      }
    }
  }
}
