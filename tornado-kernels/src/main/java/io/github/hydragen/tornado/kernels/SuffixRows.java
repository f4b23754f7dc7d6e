package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What the passes over suffixes of groups do with the rows of their item, whatever the type of what
 * is stored; inlined into the kernels. A thread has four elements of each row: two that follow each
 * other, and as many {@code far} behind them.
 */
final class SuffixRows {
  /** Elements of a head. */
  static final int DIM = 128;

  private SuffixRows() {}

  /** Where the entry of an item's row begins in its row list; rows beyond the last repeat it. */
  static int entry(IntArray work, int item, int r, int group) {
    int last = work.get(item + WorkItem.ROW_COUNT) - 1;
    int listed = TornadoMath.max(0, work.get(item + WorkItem.FIRST_ROW) + TornadoMath.min(r, last));
    return (work.get(item + WorkItem.ENTRIES) + listed / group) * RowList.INTS;
  }

  /** Which head of its group an item's row is of. */
  static int headOfGroup(IntArray work, int item, int r, int group) {
    int last = work.get(item + WorkItem.ROW_COUNT) - 1;
    int listed = TornadoMath.max(0, work.get(item + WorkItem.FIRST_ROW) + TornadoMath.min(r, last));
    return listed % group;
  }

  /**
   * Merges an earlier state of a row with what this pass has found.
   *
   * @param state the row of the state
   * @param element the thread's first element
   * @param far how many behind it the thread's third is
   */
  static void merge(
      FloatArray states,
      FloatArray lses,
      int state,
      int element,
      int far,
      int r,
      float[] max,
      float[] sum,
      float[] value) {
    float lse = lses.get(state);
    float newMax = TornadoMath.max(max[r], lse);
    float keep = TornadoMath.exp(max[r] - newMax);
    float weight = TornadoMath.exp(lse - newMax);
    max[r] = newMax;
    sum[r] = sum[r] * keep + weight;
    int at = state * DIM + element;
    for (int e = 0; e < 2; e++) {
      value[4 * r + e] = value[4 * r + e] * keep + weight * states.get(at + e);
      value[4 * r + 2 + e] = value[4 * r + 2 + e] * keep + weight * states.get(at + far + e);
    }
  }
}
