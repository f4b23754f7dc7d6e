package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Merges each token's partial states by their log-sum-exp: one thread an element of the output.
 * {@code lse = log(sum_i exp(lse_i))} and {@code out = sum_i exp(lse_i - lse) * out_i}; a state (0,
 * -inf) adds nothing, and nothing but such states gives (0, -inf).
 */
public final class Merge {
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
   */
  public static void merge(
      KernelContext context,
      FloatArray states,
      FloatArray lses,
      IntArray step,
      int firstCount,
      FloatArray out,
      FloatArray lse,
      int queryHeads,
      int headDim,
      int slots) {
    int i = context.globalIdx;
    int row = i / headDim;
    int d = i % headDim;
    int token = row / queryHeads;
    int count = step.get(firstCount + token);
    int first = token * slots * queryHeads + row % queryHeads;
    float max = Float.NEGATIVE_INFINITY;
    for (int s = 0; s < count; s++) {
      max = TornadoMath.max(max, lses.get(first + s * queryHeads));
    }
    float base = Softmax.base(max);
    float sum = 0.0f;
    float value = 0.0f;
    for (int s = 0; s < count; s++) {
      int state = first + s * queryHeads;
      float weight = TornadoMath.exp(lses.get(state) - base);
      sum += weight;
      value += weight * states.get(state * headDim + d);
    }
    out.set(i, value * Softmax.inverse(sum));
    if (d == 0) {
      lse.set(row, Softmax.lse(base, sum));
    }
  }
}
