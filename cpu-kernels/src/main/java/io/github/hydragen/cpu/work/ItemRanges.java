package io.github.hydragen.cpu.work;

/**
 * Deals items 0 to n-1 to workers: each takes its own contiguous range first, in order, then helps
 * others. So a worker meets the same items in every step, which keeps memory near its processor.
 */
public final class ItemRanges {
  private final int workers;
  private final SpreadCounters next;
  private final int[] end;

  /** For so many workers; {@link #reset} says what they deal with. */
  public ItemRanges(int workers) {
    this.workers = workers;
    this.next = new SpreadCounters(workers);
    this.end = new int[workers];
  }

  /** Starts over with so many items; no worker is active. */
  public void reset(int items) {
    for (int w = 0; w < workers; w++) {
      next.setPlain(w, (int) ((long) items * w / workers));
      end[w] = (int) ((long) items * (w + 1) / workers);
    }
  }

  /** Takes an item, or -1 if none is left. */
  public int take(int worker) {
    for (int i = 0; i < workers; i++) {
      int item = takeOwn(worker + i < workers ? worker + i : worker + i - workers);
      if (item >= 0) {
        return item;
      }
    }
    return -1;
  }

  /** Takes an item of the worker's own range, or -1 if none is left there. */
  public int takeOwn(int worker) {
    if (next.get(worker) < end[worker]) {
      int item = next.getAndIncrement(worker);
      if (item < end[worker]) {
        return item;
      }
    }
    return -1;
  }
}
