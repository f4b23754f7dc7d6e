package io.github.hydragen.reference;

import io.github.hydragen.EngineOptions;
import java.util.Arrays;

/**
 * One row of attention by its definition in double precision: the oracle of all tests and checks.
 *
 * <p>For the visible keys {@code j}: {@code s_j = scale * (q . k_j)}, capped as {@link
 * EngineOptions} says; {@code lse = ln sum_j exp(s_j)}; {@code out = sum_j exp(s_j - lse) v_j}. The
 * sums take the scores relative to their maximum, so that nothing overflows.
 */
public final class ExactAttention {
  private final EngineOptions options;
  private final float[] buffer;
  private final double[] out;
  private double[] scores = new double[0];

  /** For heads of {@code headDim} elements. */
  public ExactAttention(EngineOptions options, int headDim) {
    this.options = options;
    this.buffer = new float[headDim];
    this.out = new double[headDim];
  }

  /**
   * Computes one row; read {@link #out()} after it.
   *
   * @param q the query, headDim elements
   * @param position the query's position among the keys: it may be -1, before all of them
   * @return the LSE, -infinity if no key is visible
   */
  public double attend(float[] q, long position, KeyValues keys) {
    int from = options.window() < 0 ? 0 : (int) Math.max(0, position - options.window());
    int to = options.causal() ? (int) Math.min(keys.length(), position + 1) : keys.length();
    Arrays.fill(out, 0);
    if (from >= to) {
      return Double.NEGATIVE_INFINITY;
    }
    double max = score(q, keys, from, to);
    double sum = 0;
    for (int j = from; j < to; j++) {
      double weight = Math.exp(scores[j - from] - max);
      sum += weight;
      keys.value(j, buffer);
      for (int i = 0; i < out.length; i++) {
        out[i] += weight * buffer[i];
      }
    }
    for (int i = 0; i < out.length; i++) {
      out[i] /= sum;
    }
    return max + Math.log(sum);
  }

  /** Fills the scores of keys {@code from} to {@code to} and returns the largest. */
  private double score(float[] q, KeyValues keys, int from, int to) {
    if (scores.length < to - from) {
      scores = new double[to - from];
    }
    double scale = options.scale(buffer.length);
    double cap = options.logitSoftCap();
    double max = Double.NEGATIVE_INFINITY;
    for (int j = from; j < to; j++) {
      keys.key(j, buffer);
      double dot = 0;
      for (int i = 0; i < buffer.length; i++) {
        dot += (double) q[i] * buffer[i];
      }
      double score = scale * dot;
      score = cap == 0 ? score : cap * Math.tanh(score / cap);
      scores[j - from] = score;
      max = Math.max(max, score);
    }
    return max;
  }

  /** The output of the last row; overwritten by the next. */
  public double[] out() {
    return out;
  }
}
