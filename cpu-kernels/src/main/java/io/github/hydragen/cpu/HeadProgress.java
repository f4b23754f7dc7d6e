package io.github.hydragen.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which key/value heads all shared passes of a step are through with, so that what they have left
 * can be merged while others are still at work.
 *
 * <p>Counters go on from step to step: setting them back would fetch every line from the worker
 * that counted last.
 */
final class HeadProgress {
  /** Two cache lines, as in {@link ItemRanges}. */
  private static final int STRIDE = 32;

  private final AtomicIntegerArray done;
  private int complete;

  HeadProgress(int heads) {
    this.done = new AtomicIntegerArray((heads + 1) * STRIDE);
  }

  /** Starts a step with so many items at each head; no worker is active. */
  void begin(int items) {
    complete += items;
  }

  /** After a step that failed: no item counts any more. */
  void reset() {
    for (int i = 0; i < done.length(); i++) {
      done.setPlain(i, 0);
    }
    complete = 0;
  }

  /** An item of a head is done, and its states can be read by others. */
  void count(int head) {
    done.getAndIncrement((head + 1) * STRIDE);
  }

  boolean isComplete(int head) {
    return done.get((head + 1) * STRIDE) == complete;
  }
}
