package io.github.hydragen.cpu.kernel;

import io.github.hydragen.cpu.simd.SoftmaxOps;

/**
 * The soft cap of scores, {@code cap * tanh(s / cap)}, which also turns them to base 2.
 *
 * <p>Without a cap the factor log2 e is part of the queries and this does nothing.
 */
final class ScoreCap {
  private static final double LOG2_E = 1 / Math.log(2);

  private final SoftmaxOps ops;
  private final float cap;

  ScoreCap(SoftmaxOps ops, float cap) {
    this.ops = ops;
    this.cap = cap;
  }

  /** What queries are multiplied by, for a scale. */
  float queryFactor(float scale) {
    return cap == 0 ? (float) (scale * LOG2_E) : scale;
  }

  /** Caps {@code n} scores, a multiple of 16. */
  void apply(float[] scores, int at, int n) {
    if (cap != 0) {
      ops.tanh(scores, at, n, 1 / cap, (float) (cap * LOG2_E));
    }
  }
}
