package io.github.hydragen.tornado.plan;

import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.kernels.SuffixParts;
import io.github.hydragen.tornado.kernels.WorkItem;
import io.github.hydragen.tornado.plan.StepPlanner.SuffixShape;

/**
 * A step of one token of every sequence, as the step array has it, brought up to date in place:
 * while nobody joins or leaves, only what follows from the lengths of the suffixes differs from one
 * such step to the next. Prefixes stay as they are, as every query sees all of them; so there must
 * be no window.
 */
public final class DecodeStep {
  private final StepArray array;
  private final SuffixShape shape;
  private final boolean causal;
  private final int[] rows;
  private final int[] items;
  private final int[] prefixLengths;
  private final int[] firstKeys;
  private final int itemsOfPart;

  /**
   * A step that was just written.
   *
   * @param itemsOfPart work items of a segment of a suffix
   */
  DecodeStep(StepArray array, StepPlan plan, SuffixShape shape, boolean causal, int itemsOfPart) {
    this.array = array;
    this.shape = shape;
    this.causal = causal;
    this.itemsOfPart = itemsOfPart;
    int sequences = plan.suffixes().size();
    rows = new int[sequences];
    items = new int[sequences];
    prefixLengths = new int[sequences];
    firstKeys = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      StepPlan.Suffix suffix = plan.suffixes().get(s);
      rows[s] = suffix.entry() * RowList.INTS;
      items[s] = array.firstItem(suffix.pass()) + suffix.item() * WorkItem.INTS;
      prefixLengths[s] = suffix.prefixLength();
      firstKeys[s] = (int) ((long) s * shape.capacity() % shape.perStore());
    }
  }

  /** Brings it up to date with the lengths of the suffixes, which count the new token. */
  public void update(BatchView view) {
    int parts = shape.parts();
    int known = 0;
    int size = 0;
    for (int s = 0; s < rows.length; s++) {
      int length = view.length(s);
      if (length != known) {
        known = length;
        size = SuffixParts.size(length, parts);
      }
      update(s, length, size);
    }
  }

  /** What the first segment begins with stays as it is. */
  private void update(int sequence, int length, int size) {
    int prefixLength = prefixLengths[sequence];
    if (causal) {
      array.set(rows[sequence] + RowList.LAST_VISIBLE, prefixLength + length - 1);
    }
    int item = items[sequence];
    int end = item + itemsOfPart * WorkItem.INTS;
    for (; item < end; item += WorkItem.INTS) {
      array.set(item + WorkItem.KEY_COUNT, size);
    }
    int stored = firstKeys[sequence];
    for (int part = 1; part < shape.parts(); part++) {
      int offset = SuffixParts.offset(length, part, size);
      int keys = SuffixParts.keys(length, offset, size);
      end += itemsOfPart * WorkItem.INTS;
      for (; item < end; item += WorkItem.INTS) {
        array.set(item + WorkItem.FIRST_KEY, stored + offset);
        array.set(item + WorkItem.KEY_COUNT, keys);
        array.set(item + WorkItem.POSITION, prefixLength + offset);
      }
    }
  }
}
