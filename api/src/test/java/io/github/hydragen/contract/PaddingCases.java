package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NaN where nothing is stored, or in what a sequence does not see, must not reach its result. */
abstract class PaddingCases {
  private static final int CAPACITY = 70;
  private final AttentionBackendContract contract;

  PaddingCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  /** Keys and values that give every query that sees any of them exactly its constant. */
  private static Tensor constant(AttentionShape shape, int tokens, float value) {
    float[] values = new float[tokens * shape.kvRow()];
    Arrays.fill(values, value);
    return Tensor.of(values, tokens, shape.kvHeads(), shape.headDim());
  }

  private static void append(
      SequenceBatch batch, AttentionShape shape, float value, int... counts) {
    Tensor tokens = constant(shape, Arrays.stream(counts).sum(), value);
    batch.append(tokens, tokens, counts);
  }

  /** The first output of each sequence for a query of ones. */
  private static float[] attend(SequenceBatch batch, AttentionShape shape) {
    return attend(batch, shape, 1);
  }

  /** The same with several queries of ones, which must all give it. */
  private static float[] attend(SequenceBatch batch, AttentionShape shape, int queries) {
    int row = queries * shape.queryRow();
    float[] q = new float[batch.size() * row];
    Arrays.fill(q, 1);
    float[] out = new float[q.length];
    Arrays.fill(out, Float.NaN);
    float[] lse = new float[batch.size() * queries * shape.queryHeads()];
    batch.attend(q, out, lse);
    float[] first = new float[batch.size()];
    for (int s = 0; s < batch.size(); s++) {
      first[s] = out[s * row];
      for (int e = 0; e < row; e++) {
        assertEquals(first[s], out[s * row + e], 1e-6f, "element " + e);
      }
    }
    return first;
  }

  @ParameterizedTest
  @CsvSource({
    "1,F32,1", "1,F32,5", "13,F32,16", "33,F32,31", "64,F32,32",
    "1,F16,1", "1,F16,5", "13,F16,16", "33,F16,31", "64,F16,32",
    "1,BF16,1", "1,BF16,5", "13,BF16,16", "33,BF16,31", "64,BF16,32"
  })
  void nanBeyondTheLength(int length, DataType storage, int headDim) {
    for (int kvHeads : new int[] {1, 4}) {
      AttentionShape shape = AttentionShape.of(4, kvHeads, headDim);
      EngineOptions options = EngineOptions.defaults().withStorage(storage);
      contract.assume(shape);
      contract.assume(new Scenario("", shape).options(options).features());
      try (AttentionEngine engine = AttentionEngine.open(shape, contract.with(options))) {
        SequenceBatch batch = engine.batch(3, CAPACITY);
        append(batch, shape, Float.NaN, CAPACITY, CAPACITY, CAPACITY);
        batch.truncate(0, 0);
        batch.clear(1);
        batch.truncate(2, 0);
        append(batch, shape, 2, length, 0, length);
        // Full at first, then cut: stale keys lie behind the length.
        append(batch, shape, Float.NaN, CAPACITY - length, 0, 1);
        batch.truncate(0, length);
        batch.truncate(2, length);
        float[] results = attend(batch, shape);
        assertEquals(2, results[0], 1e-6f);
        assertEquals(0, results[1]);
        assertEquals(2, results[2], 1e-6f);
        if (!contract.unsupported().containsKey(Feature.SEVERAL_TOKENS)) {
          // As many as there are tokens: each sees one at least.
          assertEquals(2, attend(batch, shape, length)[0], 1e-6f);
        }
      }
    }
  }

  @Test
  void nanInAnotherSequence() {
    AttentionShape shape = AttentionShape.of(4, 2, 24);
    contract.assume(shape);
    EngineOptions options = contract.with(EngineOptions.defaults());
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      Prefix prefix = engine.prefix(constant(shape, 50, 3), constant(shape, 50, 3));
      SequenceBatch batch = engine.batch(5, 8);
      batch.attachAll(prefix);
      append(batch, shape, 3, 1, 0, 2, 3, 4);
      append(batch, shape, Float.NaN, 0, 8, 0, 1, 0);
      float[] results = attend(batch, shape);
      assertEquals(3, results[0], 1e-6f);
      assertEquals(Float.NaN, results[1], "NaN in one's own keys is not hidden");
      assertEquals(3, results[2], 1e-6f);
      assertEquals(Float.NaN, results[3], "NaN in one's own keys is not hidden");
      assertEquals(3, results[4], 1e-6f);
    }
  }

  @Test
  void nanInAnotherPrefix() {
    AttentionShape shape = AttentionShape.of(4, 2, 24);
    contract.assume(shape);
    EngineOptions options = contract.with(EngineOptions.defaults());
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      Prefix good = engine.prefix(constant(shape, 50, 3), constant(shape, 50, 3));
      Prefix bad = engine.prefix(constant(shape, 9, Float.NaN), constant(shape, 9, Float.NaN));
      SequenceBatch batch = engine.batch(4, 8);
      for (int s = 0; s < 4; s++) {
        batch.attach(s, s % 2 == 0 ? good : bad);
      }
      append(batch, shape, 3, 1, 1, 0, 1);
      float[] results = attend(batch, shape);
      assertEquals(3, results[0], 1e-6f);
      assertEquals(Float.NaN, results[1]);
      assertEquals(3, results[2], 1e-6f);
    }
  }

  /** Memory that a closed prefix or batch used comes back with its old contents. */
  @Test
  void nanLeftInFreedMemory() {
    AttentionShape shape = AttentionShape.of(4, 2, 24);
    contract.assume(shape);
    EngineOptions options = contract.with(EngineOptions.defaults());
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      for (int round = 0; round < 20; round++) {
        float value = round % 2 == 0 ? Float.NaN : 1;
        int tokens = round % 2 == 0 ? 128 : 3 + round;
        try (Prefix prefix =
                engine.prefix(constant(shape, tokens, value), constant(shape, tokens, value));
            SequenceBatch batch = engine.batch(2, 40)) {
          batch.attachAll(prefix);
          append(batch, shape, value, round % 2 == 0 ? 40 : 1, round % 2 == 0 ? 40 : 0);
          float[] results = attend(batch, shape);
          assertEquals(value, results[0], 1e-6f);
          assertEquals(value, results[1], 1e-6f);
        }
      }
    }
  }
}
