package io.github.hydragen.tornado.graph;

import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.kernels.SuffixRowBF16;
import io.github.hydragen.tornado.kernels.Turn;
import io.github.hydragen.tornado.kernels.WorkItem;
import java.lang.foreign.Arena;
import java.util.PriorityQueue;
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
   * Sets all, in the order in which units with room for two work-groups each would take them: a
   * unit without a prefix takes one, as these last longest, and one that has a prefix takes
   * suffixes beside it, until what is left to do takes no longer than a prefix does.
   *
   * @param firstPrefixItem the int of the first item
   * @param prefixes work-groups for prefixes
   * @param firstSuffixItem like {@code firstPrefixItem}
   * @param suffixes work-groups for suffixes
   * @param units compute units
   * @param lasts how many times as long as one for suffixes a work-group for a prefix lasts
   */
  void mix(
      int firstPrefixItem,
      int prefixes,
      int firstSuffixItem,
      int suffixes,
      int units,
      double lasts) {
    PriorityQueue<Place> places = new PriorityQueue<>();
    for (int i = 0; i < 2 * units; i++) {
      places.add(new Place(0, i, i % units, false));
    }
    int[] prefixesOfUnit = new int[units];
    double ends = 0;
    int p = 0;
    int s = 0;
    while (p < prefixes || s < suffixes) {
      Place place = places.remove();
      ends -= place.free();
      prefixesOfUnit[place.unit()] -= place.prefix() ? 1 : 0;
      double underWay = ends - places.size() * place.free();
      double left = (prefixes - p) * lasts + (suffixes - s) + underWay;
      boolean now = prefixesOfUnit[place.unit()] == 0 || left <= 2 * units * lasts;
      boolean prefix = p < prefixes && (now || s == suffixes);
      Place next = place.taken(prefix ? lasts : 1, p + s, prefix);
      if (prefix) {
        prefix(firstPrefixItem, p++);
      } else {
        suffix(firstSuffixItem, s++);
      }
      prefixesOfUnit[place.unit()] += prefix ? 1 : 0;
      ends += next.free();
      places.add(next);
    }
  }

  /**
   * Room for a work-group on a unit.
   *
   * @param free when it is free, in times of a work-group for suffixes
   * @param order which of several that are free at a time is taken first
   * @param prefix whether it has a prefix until then
   */
  private record Place(double free, long order, int unit, boolean prefix)
      implements Comparable<Place> {
    Place taken(double time, int turn, boolean byPrefix) {
      return new Place(free + time, Integer.MAX_VALUE + (long) turn, unit, byPrefix);
    }

    @Override
    public int compareTo(Place other) {
      int first = Double.compare(free, other.free);
      return first != 0 ? first : Long.compare(order, other.order);
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
