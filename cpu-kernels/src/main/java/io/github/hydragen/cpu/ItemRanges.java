package io.github.hydragen.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Deals items 0 to n-1 to workers: each takes its own contiguous range first, in order, then helps
 * others. So a worker meets the same items in every step, which keeps memory near its processor.
 */
final class ItemRanges {
  /** Counters are a cache line apart. */
  private static final int STRIDE = 16;

  private final int workers;
  private final AtomicIntegerArray next;
  private final int[] end;

  ItemRanges(int workers) {
    this.workers = workers;
    this.next = new AtomicIntegerArray(workers * STRIDE);
    this.end = new int[workers];
  }

  /** Starts over with so many items; no worker is active. */
  void reset(int items) {
    for (int w = 0; w < workers; w++) {
      next.setPlain(w * STRIDE, (int) ((long) items * w / workers));
      end[w] = (int) ((long) items * (w + 1) / workers);
    }
  }

  /** Takes an item, or -1 if none is left. */
  int take(int worker) {
    for (int i = 0; i < workers; i++) {
      int w = worker + i < workers ? worker + i : worker + i - workers;
      if (next.get(w * STRIDE) < end[w]) {
        int item = next.getAndIncrement(w * STRIDE);
        if (item < end[w]) {
          return item;
        }
      }
    }
    return -1;
  }
}
