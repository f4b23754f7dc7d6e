package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of more sequences and heads than a step can count. */
class CpuBatchTest {
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
}
