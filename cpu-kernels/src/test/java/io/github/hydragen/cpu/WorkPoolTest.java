package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

/** Helpers that an executor refuses, or runs too late. */
class WorkPoolTest {
  /** Of two helpers one is taken and one refused; the first comes when the call has failed. */
  @Test
  void aFailedJobIsNotWorkedOnAfterwards() {
    List<Runnable> taken = new ArrayList<>();
    Executor executor =
        helper -> {
          if (!taken.isEmpty()) {
            throw new RejectedExecutionException("one is enough");
          }
          taken.add(helper);
        };
    AtomicInteger worked = new AtomicInteger();
    try (WorkPool pool = new WorkPool(3, executor)) {
      assertThrows(
          RejectedExecutionException.class, () -> pool.run(worker -> worked.incrementAndGet()));
      taken.getFirst().run();
      assertEquals(0, worked.get());
    }
  }

  @Test
  void aHelperThatComesTooLateFindsTheJobDone() {
    List<Runnable> taken = new ArrayList<>();
    AtomicInteger worked = new AtomicInteger();
    try (WorkPool pool = new WorkPool(2, taken::add)) {
      pool.run(worker -> worked.incrementAndGet());
      taken.getFirst().run();
      assertEquals(1, worked.get());
    }
  }

  /** With more threads than processors they come in any order. */
  @Test
  void aThreadIsTheSameWorkerInEveryJob() {
    int workers = 8;
    AtomicReferenceArray<Thread> threads = new AtomicReferenceArray<>(workers);
    AtomicInteger helped = new AtomicInteger();
    try (WorkPool pool = new WorkPool(workers, null)) {
      for (int i = 0; i < 3000 || helped.get() == 0; i++) {
        pool.run(
            worker -> {
              Thread before = threads.getAndSet(worker, Thread.currentThread());
              assertTrue(before == null || before == Thread.currentThread());
              helped.addAndGet(worker > 0 ? 1 : 0);
            });
      }
    }
  }
}
