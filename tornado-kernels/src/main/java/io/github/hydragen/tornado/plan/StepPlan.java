package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.kernels.WorkItem;
import io.github.hydragen.tornado.store.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The work of one execution: what the index arrays of the task graph will hold. */
public final class StepPlan {
  private final Map<Pass, Ints> work = new TreeMap<>();
  private final Ints rows = new Ints();
  private final Ints slotCounts = new Ints();
  private final List<Suffix> suffixes = new ArrayList<>();

  /**
   * Where the plan has the suffix of a sequence.
   *
   * @param entry its first row entry
   * @param pass the pass over it
   * @param item the first of its work items in that pass
   * @param prefixLength tokens before it
   */
  record Suffix(int entry, Pass pass, int item, int prefixLength) {}

  /** The work items of each pass. */
  public Map<Pass, Ints> work() {
    return work;
  }

  Ints rows() {
    return rows;
  }

  /** Slots in use of each token. */
  public Ints slotCounts() {
    return slotCounts;
  }

  /** The suffixes of the sequences that have query tokens, in their order. */
  List<Suffix> suffixes() {
    return suffixes;
  }

  /** How many row entries it has. */
  public int entries() {
    return rows.size() / RowList.INTS;
  }

  /** How many work items a pass has. */
  public int items(Pass pass) {
    Ints items = work.get(pass);
    return items == null ? 0 : items.size() / WorkItem.INTS;
  }

  /** The mean number of keys of the items of some passes; 0 if there are none. */
  public double meanKeys(Predicate<Pass> passes) {
    return work.entrySet().stream()
        .filter(pass -> passes.test(pass.getKey()))
        .flatMapToInt(pass -> keyCounts(pass.getValue()))
        .average()
        .orElse(0);
  }

  /** Puts items with more keys first: what is started last should be short. */
  void longestFirst(Predicate<Pass> passes) {
    work.replaceAll((pass, items) -> passes.test(pass) ? longestFirst(items) : items);
  }

  private static Ints longestFirst(Ints items) {
    Integer[] order = new Integer[items.size() / WorkItem.INTS];
    Arrays.setAll(order, item -> item);
    Arrays.sort(
        order,
        Comparator.comparingInt(item -> -items.get(item * WorkItem.INTS + WorkItem.KEY_COUNT)));
    Ints sorted = new Ints();
    for (int item : order) {
      for (int field = 0; field < WorkItem.INTS; field++) {
        sorted.add(items.get(item * WorkItem.INTS + field));
      }
    }
    return sorted;
  }

  private static IntStream keyCounts(Ints items) {
    return IntStream.range(0, items.size() / WorkItem.INTS)
        .map(item -> items.get(item * WorkItem.INTS + WorkItem.KEY_COUNT));
  }

  void addRow(int token, int firstVisible, int lastVisible) {
    rows.add(token, firstVisible, lastVisible);
  }

  void addItem(
      Pass pass,
      int rowCount,
      int firstRow,
      int entries,
      int firstKey,
      int keyCount,
      int position,
      int slot,
      boolean last) {
    work.computeIfAbsent(pass, p -> new Ints())
        .add(rowCount, firstRow, entries, firstKey, keyCount, position, slot, last ? 1 : 0);
  }
}
