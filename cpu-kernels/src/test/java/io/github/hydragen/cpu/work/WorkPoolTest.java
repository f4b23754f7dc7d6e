package io.github.hydragen.cpu.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
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

  /** As where a process may have no more of them: those that were started end. */
  @Test
  void aPoolThatDoesNotGetAllThreadsKeepsNone() throws InterruptedException {
    List<Thread> started = new ArrayList<>();
    assertThrows(
        OutOfMemoryError.class,
        () ->
            new WorkPool(
                4,
                null,
                task -> {
                  if (started.size() == 2) {
                    throw new OutOfMemoryError("no more threads");
                  }
                  Thread thread = Thread.ofPlatform().daemon().unstarted(task);
                  started.add(thread);
                  return thread;
                }));
    for (Thread thread : started) {
      assertTrue(thread.join(Duration.ofSeconds(20)));
    }
  }

  /** As Java does to a thread that reads memory which another frees. */
  @Test
  void aHelperThatIsInterruptedParksAgain() throws InterruptedException {
    List<Thread> helpers = new ArrayList<>();
    try (WorkPool pool =
        new WorkPool(
            2,
            null,
            task -> {
              Thread thread = Thread.ofPlatform().daemon().unstarted(task);
              helpers.add(thread);
              return thread;
            })) {
      pool.run(worker -> {});
      Thread helper = helpers.getFirst();
      helper.interrupt();
      for (int i = 0; i < 2000 && helper.isInterrupted(); i++) {
        Thread.sleep(10);
      }
      assertFalse(helper.isInterrupted());
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
