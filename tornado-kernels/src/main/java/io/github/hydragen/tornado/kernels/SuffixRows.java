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
  /** The most elements of a head. */
  static final int DIM = 128;

  /** Of a row that was found: its place among all outputs. */
  static final int OUT = 0;

  /** The same among the states of slot 0. */
  static final int STATE = 1;

  /** The first key that it sees, counted from the item's first. */
  static final int FIRST = 2;

  /** Like {@link #FIRST}, the last one. */
  static final int LAST = 3;

  private SuffixRows() {}

  /**
   * Looks up a row of an item; rows beyond the last repeat it.
   *
   * @param found takes what {@link #OUT}, {@link #STATE}, {@link #FIRST} and {@link #LAST} say
   */
  static void find(
      IntArray work,
      int item,
      int r,
      int kvHead,
      int queryHeads,
      int group,
      int slots,
      int[] found) {
    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    int keyCount = work.get(item + WorkItem.KEY_COUNT);
    int position = work.get(item + WorkItem.POSITION);
    int listed =
        TornadoMath.max(0, work.get(item + WorkItem.FIRST_ROW) + TornadoMath.min(r, rowCount - 1));
    int entry = (work.get(item + WorkItem.ENTRIES) + listed / group) * RowList.INTS;
    int head = kvHead * group + listed % group;
    int token = work.get(entry + RowList.TOKEN);
    found[OUT] = token * queryHeads + head;
    found[STATE] = token * slots * queryHeads + head;
    found[FIRST] = work.get(entry + RowList.FIRST_VISIBLE) - position;
    found[LAST] = TornadoMath.min(work.get(entry + RowList.LAST_VISIBLE) - position, keyCount - 1);
  }

  /**
   * Merges an earlier state of a row with what this pass has found.
   *
   * @param state the row of the state
   * @param dim elements of a row
   * @param element the thread's first element
   * @param far how many behind it the thread's third is
   */
  static void merge(
      FloatArray states,
      FloatArray lses,
      int state,
      int dim,
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
    int at = state * dim + element;
    for (int e = 0; e < 2; e++) {
      value[4 * r + e] = value[4 * r + e] * keep + weight * states.get(at + e);
      value[4 * r + 2 + e] = value[4 * r + 2 + e] * keep + weight * states.get(at + far + e);
    }
  }
}
