package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An engine at work holds its keys and values and at most 5% more. */
class CpuMemoryTest {
  private static final double MOST = 1.05;
  private static final int BATCH = 32;

  static Stream<Arguments> layouts() {
    return Stream.of(DataType.values())
        .flatMap(
            type ->
                Stream.of(
                    Arguments.of(AttentionShape.of(8, 8, 128), 1024, 256, type, 0),
                    Arguments.of(AttentionShape.of(32, 8, 128), 1024, 512, type, 0),
                    Arguments.of(AttentionShape.of(32, 8, 128), 1024, 256, type, 0),
                    Arguments.of(AttentionShape.of(8, 8, 64), 1024, 256, type, 0),
                    Arguments.of(AttentionShape.of(8, 8, 96), 1024, 256, type, 0),
                    Arguments.of(AttentionShape.of(8, 8, 256), 1024, 256, type, 0),
                    Arguments.of(AttentionShape.of(8, 8, 128), 1000, 256, type, 0),
                    Arguments.of(AttentionShape.of(8, 8, 128), 1024, 256, type, 256)));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void littleIsHeldBesideKeysAndValues(
      AttentionShape shape, int prefixTokens, int capacity, DataType type, int pageTokens) {
    EngineOptions options =
        EngineOptions.defaults()
            .withBackend("cpu")
            .withStorage(type)
            .withThreads(2)
            .withPageTokens(pageTokens);
    try (AttentionEngine engine = AttentionEngine.open(shape, options);
        Arena arena = Arena.ofConfined()) {
      Tensor keys = Tensor.allocate(arena, type, prefixTokens, shape.kvHeads(), shape.headDim());
      Prefix prefix = engine.prefix(keys, keys);
      SequenceBatch batch = engine.batch(BATCH, capacity);
      batch.attachAll(prefix);
      Tensor kv = Tensor.allocate(arena, type, BATCH, shape.kvHeads(), shape.headDim());
      batch.append(kv, kv);
      Tensor q = Tensor.allocate(arena, type, BATCH, shape.queryHeads(), shape.headDim());
      Tensor out = Tensor.allocate(arena, DataType.F32, q.shape());
      batch.attend(q, out, null);
      MemoryUsage memory = engine.memory();
      long token = 2L * shape.kvRow() * type.bytes();
      assertEquals((prefixTokens + (long) BATCH * capacity) * token, memory.kvBytes());
      for (long held : List.of(memory.allocatedBytes(), memory.peakBytes())) {
        assertTrue(held <= MOST * memory.kvBytes(), memory.toString());
      }
    }
  }
}
