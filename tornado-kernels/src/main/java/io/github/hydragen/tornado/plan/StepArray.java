package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.kernels.WorkItem;
import io.github.hydragen.tornado.store.Ints;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * All that changes from step to step, as one array of ints, so that one copy sends it: row lists
 * from its start on, then the slots of each token, the targets of new tokens in each store, and the
 * work items of each pass. Where each part begins is fixed.
 */
public final class StepArray {
  private final StepSize size;
  private final IntArray array;
  private final MemorySegment ints;
  private final int firstCount;
  private final int firstTarget;
  private final int endOfTargets;
  private final int suffixStores;
  private final Map<Pass, Integer> firstItems = new TreeMap<>();

  /**
   * Zeros, but that new tokens go nowhere.
   *
   * @param suffixStores stores of suffixes that take new tokens
   * @param prefixStores stores of prefixes that do
   */
  public StepArray(Arena arena, StepSize size, int suffixStores, int prefixStores) {
    this.size = size;
    this.suffixStores = suffixStores;
    firstCount = size.entries() * RowList.INTS;
    firstTarget = firstCount + size.tokens();
    endOfTargets = firstTarget + (suffixStores + prefixStores) * size.tokens();
    int next = endOfTargets;
    for (Map.Entry<Pass, Integer> pass : size.items().entrySet()) {
      firstItems.put(pass.getKey(), next);
      next += pass.getValue() * WorkItem.INTS;
    }
    array = NativeArrays.ints(arena, next);
    ints = array.getSegment();
    clearTargets();
  }

  /** Ints of such an array. */
  static long ints(StepSize size, long stores) {
    long items = size.items().values().stream().mapToLong(Integer::longValue).sum();
    return (long) size.entries() * RowList.INTS
        + size.tokens() * (1 + stores)
        + items * WorkItem.INTS;
  }

  /** The ints as the kernels read them. */
  public IntArray array() {
    return array;
  }

  /** The int of the first token's slots. */
  public int firstCount() {
    return firstCount;
  }

  /** The int of the first token's target in a store. */
  public int firstTarget(boolean suffix, int store) {
    return firstTarget + (suffix ? store : suffixStores + store) * size.tokens();
  }

  /** The int of a pass's first item. */
  public int firstItem(Pass pass) {
    return firstItems.getOrDefault(pass, 0);
  }

  /** Sets an int. */
  public void set(int at, int value) {
    ints.setAtIndex(ValueLayout.JAVA_INT, at, value);
  }

  /** Lets no new token go anywhere. */
  public void clearTargets() {
    for (int i = firstTarget; i < endOfTargets; i++) {
      set(i, -1);
    }
  }

  /** Writes a plan; what it does not have becomes zero, and with it items that do nothing. */
  public void write(StepPlan plan) {
    plan.rows().copyTo(ints, 0, firstCount);
    plan.slotCounts().copyTo(ints, firstCount, size.tokens());
    firstItems.forEach(
        (pass, first) ->
            plan.work()
                .getOrDefault(pass, Ints.NONE)
                .copyTo(ints, first, size.items().getOrDefault(pass, 0) * WorkItem.INTS));
  }
}
