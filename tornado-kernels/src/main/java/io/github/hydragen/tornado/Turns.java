package io.github.hydragen.tornado;

import io.github.hydragen.tornado.kernels.SuffixRowBF16;
import io.github.hydragen.tornado.kernels.Turn;
import io.github.hydragen.tornado.kernels.WorkItem;
import java.lang.foreign.Arena;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Which work-group of a joint pass does what. A device starts work-groups in their order, first one
 * on each compute unit, then a second, then others as room is made: so the order decides what runs
 * side by side.
 */
final class Turns {
  private final int kvHeads;
  private final IntArray array;
  private int next;

  /** Turns of so many work-groups, all unset. */
  Turns(Arena arena, int kvHeads, long groups) {
    this.kvHeads = kvHeads;
    array = NativeArrays.ints(arena, groups * Turn.INTS);
  }

  IntArray array() {
    return array;
  }

  /** How many there are. */
  long count() {
    return array.getSize() / Turn.INTS;
  }

  /**
   * Sets all: a prefix for each compute unit first, as these take longest, suffixes beside them,
   * then what is left of both. Prefixes are evenly mixed with as many of these suffixes as lets the
   * last begin when there is still as much left to do as it lasts; a unit has two work-groups.
   *
   * @param firstPrefixItem the int of the first item
   * @param prefixes work-groups for prefixes
   * @param firstSuffixItem like {@code firstPrefixItem}
   * @param suffixes work-groups for suffixes
   * @param lasts how many times as long as one for suffixes a work-group for a prefix lasts
   */
  void mix(
      int firstPrefixItem,
      int prefixes,
      int firstSuffixItem,
      int suffixes,
      int units,
      double lasts) {
    int lead = Math.min(prefixes, units);
    int beside = Math.min(suffixes, 2 * units - lead);
    for (int p = 0; p < lead; p++) {
      prefix(firstPrefixItem, p);
    }
    for (int s = 0; s < beside; s++) {
      suffix(firstSuffixItem, s);
    }
    // The whole lasts as long as so many prefixes one after the other.
    double whole = (prefixes + suffixes / lasts) / (2.0 * units);
    long mixed = Math.round((suffixes - beside) * Math.max(0, 1 - 1 / whole));
    int p = lead;
    int s = beside;
    while (p < prefixes || s < suffixes) {
      long doneOfPrefixes = (p - lead) * mixed;
      long doneOfSuffixes = (long) (s - beside) * (prefixes - lead);
      if (p < prefixes && (s - beside >= mixed || doneOfPrefixes <= doneOfSuffixes)) {
        prefix(firstPrefixItem, p++);
      } else {
        suffix(firstSuffixItem, s++);
      }
    }
  }

  private void prefix(int firstItem, int group) {
    set(firstItem + group / kvHeads * WorkItem.INTS, group % kvHeads);
  }

  private void suffix(int firstItem, int group) {
    int head = group * SuffixRowBF16.HEADS;
    set(firstItem + head / kvHeads * WorkItem.INTS, Turn.suffixHead(head % kvHeads));
  }

  private void set(int item, int head) {
    array.set(next++, item);
    array.set(next++, head);
  }
}
