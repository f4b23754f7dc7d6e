package io.github.hydragen.tornado;

import io.github.hydragen.tornado.kernels.SuffixPassBF16;
import io.github.hydragen.tornado.kernels.Turn;
import io.github.hydragen.tornado.kernels.WorkItem;
import java.lang.foreign.Arena;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Which work-group of a joint pass does what. Devices start work-groups in their order, so the
 * order decides what runs side by side.
 */
final class Turns {
  private final int kvHeads;
  private final IntArray array;
  private int next;

  Turns(Arena arena, int kvHeads, long groups) {
    this.kvHeads = kvHeads;
    array = NativeArrays.ints(arena, groups * Turn.INTS);
  }

  IntArray array() {
    return array;
  }

  /** Evenly mixed. */
  void mix(int firstPrefixItem, int prefixes, int firstSuffixItem, int suffixes, int units) {
    String order = System.getProperty("hydragen.order", "even");
    int p = 0;
    int s = 0;
    int start = 0;
    if (order.startsWith("first")) {
      start = (int) (units * Double.parseDouble(order.substring(5)));
    }
    while (p + s < prefixes + suffixes) {
      boolean prefix =
          switch (order) {
            case "prefix" -> p < prefixes;
            case "suffix" -> s >= suffixes;
            case "even" ->
                s >= suffixes || (p < prefixes && (long) p * suffixes <= (long) s * prefixes);
            default ->
                s >= suffixes
                    || (p < prefixes
                        && (p < start
                            || (s >= 2 * units - start
                                && (long) (p - start) * (suffixes - 2 * units + start)
                                    <= (long) (s - 2 * units + start) * (prefixes - start))));
          };
      if (prefix) {
        set(firstPrefixItem + p / kvHeads * WorkItem.INTS, p % kvHeads);
        p++;
      } else {
        int head = s * SuffixPassBF16.HEADS;
        set(firstSuffixItem + head / kvHeads * WorkItem.INTS, Turn.suffixHead(head % kvHeads));
        s++;
      }
    }
  }

  private void set(int item, int head) {
    array.set(next++, item);
    array.set(next++, head);
  }
}
