package io.github.hydragen.cpu.work;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counters of which no two share a cache line.
 *
 * <p>They are two lines apart, because lines are fetched in pairs, and the first is as far from the
 * array's length, which every access reads: else each access would wait for a line that another
 * worker has just written, a quarter of a microsecond.
 */
final class SpreadCounters {
  private static final int STRIDE = 32;

  private final AtomicIntegerArray values;

  SpreadCounters(int count) {
    this.values = new AtomicIntegerArray((count + 1) * STRIDE);
  }

  private static int at(int counter) {
    return (counter + 1) * STRIDE;
  }

  int get(int counter) {
    return values.get(at(counter));
  }

  int getAndIncrement(int counter) {
    return values.getAndIncrement(at(counter));
  }

  /** Sets a counter while no worker is active. */
  void setPlain(int counter, int value) {
    values.setPlain(at(counter), value);
  }
}
