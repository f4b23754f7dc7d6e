package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.OperatingSystemMXBean;
import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.spi.HostMemory;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that are refused. */
class CpuBatchTest {
  private static final long GIB = 1L << 30;

  private static long total() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16})
  void tooManyTracksAreRefused(int pageTokens) {
    EngineOptions options =
        EngineOptions.defaults().withBackend("cpu").withThreads(1).withPageTokens(pageTokens);
    try (AttentionEngine engine = AttentionEngine.open(AttentionShape.of(1024, 1024, 1), options)) {
      long before = engine.memory().allocatedBytes();
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> engine.batch(1 << 21, 0));
      assertEquals(
          "2097152 sequences x 1024 key/value heads are more than 2^31 - 1: make several batches",
          e.getMessage());
      assertEquals(before, engine.memory().allocatedBytes());
    }
  }

  @Test
  void asManyAsCanBeCountedAreNot() {
    CpuBatch.checkTracks((1 << 21) - 1, 1024);
    CpuBatch.checkTracks(1 << 24, 127);
  }

  /** Pages that nothing was written to are free to the system, which refuses the second only. */
  @Test
  void memoryOfABatchIsNotPromisedToAnother() {
    AttentionShape shape = AttentionShape.of(1, 1, 256);
    EngineOptions options = EngineOptions.defaults().withBackend("cpu").withThreads(1);
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      long others = total() - GIB;
      HostMemory.held(others);
      try {
        int capacity = (int) (GIB / 2 / (2L * shape.kvRow() * Float.BYTES));
        SequenceBatch first = engine.batch(1, capacity);
        assertThrows(InsufficientMemoryException.class, () -> engine.batch(1, capacity));
        first.close();
        engine.batch(1, capacity);
      } finally {
        HostMemory.held(-others);
      }
    }
  }
}
