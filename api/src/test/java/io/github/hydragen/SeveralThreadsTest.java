package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of several threads wait for each other. */
class SeveralThreadsTest {
  private static final int SEQUENCES = 64;

  private final AttentionEngine engine =
      AttentionEngine.open(
          AttentionShape.of(2, 1, 4), EngineOptions.defaults().withBackend("reference"));
  private final SequenceBatch batch = engine.batch(SEQUENCES, 5);

  @AfterEach
  void close() {
    engine.close();
  }

  /** Else a thread that asks again and again may never see what another has changed. */
  @Test
  void whatIsAskedWaitsForTheCallThatChangesIt() {
    Prefix prefix = engine.prefix(new float[4], new float[4]);
    assertWaits(() -> batch.length(0));
    assertWaits(() -> batch.prefix(0) == null);
    assertWaits(prefix::sequences);
  }

  private void assertWaits(Supplier<Object> call) {
    CompletableFuture<Object> answer;
    engine.lock.lock();
    try {
      answer = CompletableFuture.supplyAsync(call);
      while (!engine.lock.hasQueuedThreads() && !answer.isDone()) {
        Thread.onSpinWait();
      }
      assertFalse(answer.isDone());
    } finally {
      engine.lock.unlock();
    }
    answer.join();
  }

  @Test
  void allSequencesMoveInOneCall() {
    Prefix first = engine.prefix(new float[4], new float[4]);
    Prefix second = engine.prefix(new float[8], new float[8]);
    batch.attachAll(first);
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<?> mover =
        CompletableFuture.runAsync(
            () -> {
              while (!stop.get()) {
                batch.attachAll(second);
                batch.attachAll(first);
              }
            });
    try {
      for (int i = 0; i < 5000; i++) {
        assertEquals(1, batch.plan().decisions().size());
      }
    } finally {
      stop.set(true);
      mover.join();
    }
  }
}
