package io.github.hydragen.cpu.work;

/**
 * Which key/value heads all shared passes of a step are through with, so that what they have left
 * can be merged while others are still at work.
 *
 * <p>Counters go on from step to step: setting them back would fetch every line from the worker
 * that counted last.
 */
public final class HeadProgress {
  private final int heads;
  private final SpreadCounters done;
  private int complete;

  /** For so many key/value heads. */
  public HeadProgress(int heads) {
    this.heads = heads;
    this.done = new SpreadCounters(heads);
  }

  /** Starts a step with so many items at each head; no worker is active. */
  public void begin(int items) {
    complete += items;
  }

  /** After a step that failed: no item counts any more. */
  public void reset() {
    for (int head = 0; head < heads; head++) {
      done.setPlain(head, 0);
    }
    complete = 0;
  }

  /** An item of a head is done, and its states can be read by others. */
  public void count(int head) {
    done.getAndIncrement(head);
  }

  /** Whether all items of a head are done, so that their states can be read. */
  public boolean isComplete(int head) {
    return done.get(head) == complete;
  }
}
