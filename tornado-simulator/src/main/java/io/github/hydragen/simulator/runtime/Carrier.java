package io.github.hydragen.simulator.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A thread of the JVM's that carries one thread of a kernel too long to be rewritten to leave and
 * continue: it stops where the kernel waits. Either it runs or the one that resumes it, never both.
 */
final class Carrier {
  private final Semaphore go = new Semaphore(0);
  private final Semaphore back = new Semaphore(0);
  private final Thread thread;
  private @Nullable Throwable thrown;

  /** What a carrier runs. */
  interface Body {
    void run() throws Throwable;
  }

  Carrier(Body body) {
    thread = Thread.ofVirtual().unstarted(() -> carry(body));
  }

  private void carry(Body body) {
    try {
      body.run();
    } catch (Throwable t) {
      thrown = t;
    }
    back.release();
  }

  /** Runs the kernel's thread up to where it waits or ends, and throws what it throws. */
  void resume() throws Throwable {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    } else {
      go.release();
    }
    back.acquireUninterruptibly();
    if (thrown != null) {
      throw thrown;
    }
  }

  /** Called by the kernel's thread where it waits. */
  void pause() {
    back.release();
    try {
      go.acquire();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the work-group has ended", e);
    }
  }

  /** Runs something on a virtual thread and waits for its end. */
  static void join(Runnable body) {
    CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                body.run();
                end.complete(null);
              } catch (Throwable t) {
                end.completeExceptionally(t);
              }
            });
    try {
      end.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Ends a thread that will not be resumed. */
  void abandon() {
    thread.interrupt();
  }
}
