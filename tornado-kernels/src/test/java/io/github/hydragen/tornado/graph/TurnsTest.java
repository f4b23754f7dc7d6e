package io.github.hydragen.tornado.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.tornado.kernels.SuffixRowBF16;
import io.github.hydragen.tornado.kernels.Turn;
import io.github.hydragen.tornado.kernels.WorkItem;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each head of each item has its turn, once, and what runs side by side is of both kinds. */
class TurnsTest {
  private static final int PREFIX_ITEM = 1000;

  private static final int SUFFIX_ITEM = 5000;

  /** Prefix groups as an item and a head, in their order; suffix groups by their first head. */
  private final List<Integer> prefixes = new ArrayList<>();

  private final List<Integer> suffixes = new ArrayList<>();
  private final StringBuilder order = new StringBuilder();

  private void mix(int kvHeads, int prefixGroups, int suffixGroups, int units, double lasts) {
    try (Arena arena = Arena.ofConfined()) {
      Turns turns = new Turns(arena, kvHeads, prefixGroups + suffixGroups);
      turns.mix(PREFIX_ITEM, prefixGroups, SUFFIX_ITEM, suffixGroups, units, lasts);
      assertEquals(prefixGroups + suffixGroups, turns.count());
      for (int i = 0; i < turns.count(); i++) {
        int item = turns.array().get(i * Turn.INTS + Turn.ITEM);
        int head = turns.array().get(i * Turn.INTS + Turn.HEAD);
        order.append(head < 0 ? 's' : 'p');
        if (head < 0) {
          int number = (item - SUFFIX_ITEM) / WorkItem.INTS;
          suffixes.add(number * kvHeads + Turn.suffixHead(head));
        } else {
          prefixes.add((item - PREFIX_ITEM) / WorkItem.INTS * kvHeads + head);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 5, 3, 2, 1",
    "2, 4, 11, 2, 5",
    "6, 12, 9, 1, 0.1",
    "8, 0, 4, 3, 1",
    "8, 16, 0, 4, 9"
  })
  void everyHeadOnce(int kvHeads, int prefixGroups, int suffixGroups, int units, double lasts) {
    mix(kvHeads, prefixGroups, suffixGroups, units, lasts);
    for (int i = 0; i < prefixGroups; i++) {
      assertEquals(i, prefixes.get(i));
    }
    for (int i = 0; i < suffixGroups; i++) {
      assertEquals(i * SuffixRowBF16.HEADS, suffixes.get(i));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 8, 4, 1, ppssssssss",
    "1, 4, 4, 1, pssss",
    // A unit without a prefix takes the next one.
    "6, 8, 4, 1, ppppssssppssss",
    "4, 8, 2, 2, ppssssppssss",
    // The third prefix begins beside the second, when no more is left to do than it takes.
    "3, 9, 1, 4, psssspssspss",
    "4, 8, 2, 100, ppssssppssss"
  })
  void mixed(int prefixGroups, int suffixGroups, int units, double lasts, String expected) {
    mix(1, prefixGroups, suffixGroups, units, lasts);
    assertTrue(order.toString().startsWith("p".repeat(Math.min(prefixGroups, units))));
    assertEquals(expected, order.toString());
  }
}
