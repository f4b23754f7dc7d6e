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
    float max = Float.NEGATIVE_INFINITY;
    for (int s = 0; s < count; s++) {
      max = TornadoMath.max(max, lses.get(first + s * queryHeads));
    }
    float base = Softmax.base(max);
    float sum = 0.0f;
    float value0 = 0.0f;
    float value1 = 0.0f;
    float value2 = 0.0f;
    float value3 = 0.0f;
    for (int s = 0; s < count; s++) {
      int state = first + s * queryHeads;
      float weight = TornadoMath.exp(lses.get(state) - base);
      sum += weight;
      int at = state * headDim + d;
      value0 += weight * states.get(at);
      value1 += weight * states.get(at + quarter);
      value2 += weight * states.get(at + 2 * quarter);
      value3 += weight * states.get(at + 3 * quarter);
    }
    float inverse = Softmax.inverse(sum);
    int at = row * headDim + d;
    out.set(at, value0 * inverse);
    out.set(at + quarter, value1 * inverse);
    out.set(at + 2 * quarter, value2 * inverse);
    out.set(at + 3 * quarter, value3 * inverse);
    if (d == 0) {
      lse.set(row, Softmax.lse(base, sum));
    }
  }
}
