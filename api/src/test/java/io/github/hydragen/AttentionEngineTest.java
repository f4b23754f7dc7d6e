package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AttentionEngineTest {
  private static final EngineOptions REFERENCE =
      EngineOptions.defaults().withBackend("reference").withScale(1);

  @Test
  void weighsValuesByTheSoftmaxOfTheScores() {
    try (var engine = AttentionEngine.open(AttentionShape.of(1, 1, 1), REFERENCE)) {
      Prefix prefix = engine.prefix(new float[] {0}, new float[] {1});
      SequenceBatch batch = engine.batch(1, 1);
      batch.attach(0, prefix);
      batch.append(new float[] {(float) Math.log(3)}, new float[] {5});
      float[] out = new float[1];
      float[] lse = new float[1];
      batch.attend(new float[] {1}, out, lse);
      assertArrayEquals(new float[] {(1 + 3 * 5) / 4f}, out, 1e-6f);
      assertArrayEquals(new float[] {(float) Math.log(4)}, lse, 1e-6f);
    }
  }

  @Test
  void aPrefixInUseIsNotClosed() {
    try (var engine = AttentionEngine.open(AttentionShape.of(1, 1, 1), REFERENCE)) {
      Prefix prefix = engine.prefix(new float[] {0}, new float[] {1});
      SequenceBatch batch = engine.batch(1, 1);
      batch.attach(0, prefix);
      assertThrows(IllegalStateException.class, prefix::close);
      batch.clear(0);
      prefix.close();
      assertThrows(IllegalStateException.class, () -> batch.attach(0, prefix));
      assertEquals(0, engine.memory().kvBytes() - 8);
    }
  }
}
