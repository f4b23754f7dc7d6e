package io.github.hydragen.cpu.work;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs the items of a job on the calling thread and on helpers, and returns when all are done.
 *
 * <p>Helpers are threads of its own, each the same worker in every job, as memory is near the
 * processor whose worker wrote it first; they spin for a moment before they park, so that the next
 * step finds them awake. Or they are tasks in a caller's executor. A helper that comes too late is
 * not waited for: the calling thread can finish everything alone. Nothing is allocated per job.
 */
public final class WorkPool implements AutoCloseable {
  /** What is run: {@code work} returns when no item is left for this worker. */
  public interface Job {
    void work(int worker);
  }

  private static final long SPIN_NANOS = 50_000;
  private static final int SPINS_PER_YIELD = 8;
  private static final int CLOSED = 1 << 15;
  private static final int COUNT = CLOSED - 1;

  /** An executor's threads are workers in the order in which they come. */
  private static final int BY_ARRIVAL = -1;

  private final int workers;
  private final @Nullable Executor executor;
  private final Thread[] threads;

  /** Job number in the upper bits, then whether it is closed to newcomers, then how many joined. */
  private final AtomicLong gate = new AtomicLong(CLOSED);

  private final AtomicLong finished = new AtomicLong();
  private volatile @Nullable Job job;
  private volatile @Nullable Throwable failure;
  private volatile boolean stopped;

  /**
   * Starts the helpers.
   *
   * @param workers threads that compute, the calling one included, 1 or more
   * @param executor runs the helpers; null for threads of its own
   */
  public WorkPool(int workers, @Nullable Executor executor) {
    this(workers, executor, Thread.ofPlatform().daemon().name("hydragen-cpu-", 1).factory());
  }

  /** Starts the helpers as threads of a factory, if they are not an executor's. */
  WorkPool(int workers, @Nullable Executor executor, ThreadFactory factory) {
    this.workers = workers;
    this.executor = executor;
    this.threads = new Thread[executor == null ? workers - 1 : 0];
    try {
      for (int i = 0; i < threads.length; i++) {
        int worker = i + 1;
        threads[i] = factory.newThread(() -> serve(worker));
        threads[i].start();
      }
    } catch (RuntimeException | Error e) {
      // The system may have no more threads: those that it gave would wait for ever.
      close();
      throw e;
    }
  }

  /** Threads that compute, the calling one included. */
  public int workers() {
    return workers;
  }

  /** Runs a job; calls do not overlap. The calling thread is worker 0. */
  public void run(Job work) {
    if (workers == 1) {
      work.work(0);
      return;
    }
    job = work;
    failure = null;
    finished.setPlain(0);
    long number = (gate.get() >>> 16) + 1;
    gate.set(number << 16);
    try {
      wake();
      work.work(0);
    } finally {
      awaitHelpers(number);
      job = null;
    }
    Throwable thrown = failure;
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
  }

  private void wake() {
    if (executor == null) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    } else {
      for (int i = 1; i < workers; i++) {
        executor.execute(() -> join(BY_ARRIVAL));
      }
    }
  }

  /** Closes the gate and waits for those who came through it. */
  private void awaitHelpers(long number) {
    long joined = gate.getAndSet(number << 16 | CLOSED) & COUNT;
    for (int spins = 1; finished.get() < joined; spins++) {
      spin(spins);
    }
  }

  /**
   * Waits a little, and every few times lets other threads run: where there are more of them than
   * processors, the one that is waited for may be among them, and would wait for a slice of
   * milliseconds.
   */
  @SuppressWarnings("ThreadPriorityCheck") // No answer depends on who runs.
  private static void spin(int spins) {
    if (spins % SPINS_PER_YIELD == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  private void serve(int worker) {
    long seen = 0;
    while (!stopped) {
      long number = awaitJob(seen);
      if (number != seen) {
        seen = number;
        join(worker);
      }
    }
  }

  /** Waits for a job after {@code seen}; returns {@code seen} when woken without one. */
  private long awaitJob(long seen) {
    long deadline = System.nanoTime() + SPIN_NANOS;
    for (int spins = 1; !stopped; spins++) {
      long state = gate.get();
      if (state >>> 16 != seen && (state & CLOSED) == 0) {
        return state >>> 16;
      }
      if (System.nanoTime() > deadline) {
        LockSupport.park(this);
        // Java interrupts a thread that reads what another frees; an interrupted one never parks.
        boolean unused = Thread.interrupted();
        deadline = System.nanoTime() + SPIN_NANOS;
      }
      spin(spins);
    }
    return seen;
  }

  /**
   * Takes part in the present job, if it is still open.
   *
   * @param as the worker that the thread always is, or {@link #BY_ARRIVAL}
   */
  private void join(int as) {
    while (true) {
      long state = gate.get();
      if ((state & CLOSED) != 0 || (state & COUNT) >= workers - 1) {
        return;
      }
      if (gate.compareAndSet(state, state + 1)) {
        int worker = as == BY_ARRIVAL ? (int) (state & COUNT) + 1 : as;
        try {
          Job work = job;
          if (work != null) {
            work.work(worker);
          }
        } catch (RuntimeException | Error e) {
          failure = e;
        } finally {
          finished.incrementAndGet();
        }
        return;
      }
    }
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
