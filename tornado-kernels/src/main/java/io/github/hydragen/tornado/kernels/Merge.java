package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Merges each token's partial states by their log-sum-exp: one thread {@value #ELEMENTS} elements
 * of the output. {@code lse = log(sum_i exp(lse_i))} and {@code out = sum_i exp(lse_i - lse) *
 * out_i}; a state (0, -inf) adds nothing, and nothing but such states gives (0, -inf).
 */
public final class Merge {
  /** Elements of a row that a thread merges, a quarter of the head apart. */
  public static final int ELEMENTS = 4;

  private Merge() {}

  /**
   * The merge.
   *
   * @param states [tokens, slots, queryHeads, headDim]
   * @param lses [tokens, slots, queryHeads]
   * @param step slots in use of each token, 0 or more
   * @param firstCount the int of the first token's slots
   * @param out [tokens, queryHeads, headDim]
   * @param lse [tokens, queryHeads]
   * @param rows tokens times query heads
   * @param headDim a multiple of {@value #ELEMENTS}
   */
  public static void merge(
      KernelContext context,
      FloatArray states,
      FloatArray lses,
      IntArray step,
      int firstCount,
      FloatArray out,
      FloatArray lse,
      int rows,
      int queryHeads,
      int headDim,
      int slots) {
    int i = context.globalIdx;
    int quarter = headDim / ELEMENTS;
    int row = i / quarter;
    // The last work-group may reach beyond the last row.
    if (row >= rows) {
      return;
    }
    int d = i % quarter;
    int token = row / queryHeads;
    int count = step.get(firstCount + token);
    int first = token * slots * queryHeads + row % queryHeads;
    // Below every lse but that of an empty state, and never -inf less -inf.
    float max = Softmax.HIDDEN;
    float sum = 0.0f;
    float value0 = 0.0f;
    float value1 = 0.0f;
    float value2 = 0.0f;
    float value3 = 0.0f;
    // Two at a time, so that one has not to be waited for before the next is asked for.
    for (int s = 0; s < count; s += 2) {
      int one = first + s * queryHeads;
      int other = s + 1 < count ? one + queryHeads : one;
      int oneAt = one * headDim + d;
      int otherAt = other * headDim + d;
      float oneLse = lses.get(one);
      float otherLse = lses.get(other);
      float one0 = states.get(oneAt);
      float one1 = states.get(oneAt + quarter);
      float one2 = states.get(oneAt + 2 * quarter);
      float one3 = states.get(oneAt + 3 * quarter);
      float other0 = states.get(otherAt);
      float other1 = states.get(otherAt + quarter);
      float other2 = states.get(otherAt + 2 * quarter);
      float other3 = states.get(otherAt + 3 * quarter);
      float newMax = TornadoMath.max(max, TornadoMath.max(oneLse, otherLse));
      float keep = TornadoMath.exp(max - newMax);
      float oneWeight = TornadoMath.exp(oneLse - newMax);
      float otherWeight = s + 1 < count ? TornadoMath.exp(otherLse - newMax) : 0.0f;
      max = newMax;
      sum = sum * keep + oneWeight + otherWeight;
      value0 = value0 * keep + oneWeight * one0 + otherWeight * other0;
      value1 = value1 * keep + oneWeight * one1 + otherWeight * other1;
      value2 = value2 * keep + oneWeight * one2 + otherWeight * other2;
      value3 = value3 * keep + oneWeight * one3 + otherWeight * other3;
    }
    float inverse = Softmax.inverse(sum);
    int at = row * headDim + d;
    out.set(at, value0 * inverse);
    out.set(at + quarter, value1 * inverse);
    out.set(at + 2 * quarter, value2 * inverse);
    out.set(at + 3 * quarter, value3 * inverse);
    if (d == 0) {
      lse.set(row, Softmax.lse(max, sum));
    }
  }
}
