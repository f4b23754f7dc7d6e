package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvStrip;

/**
 * Weighted sums of the rows of a strip, straight from memory, for a few vectors of weights at once:
 * scores with queries for weights and elements for rows, outputs with softmax's weights and tokens.
 */
public interface RowSums {
  /**
   * What has to be multiplied to the sums to make them right, or to the weights before: a power of
   * 2.
   */
  float factor();

  /**
   * Adds {@code o[oAt + r * oStride + c] += sum_i w[wAt + r * wStride + i] * x(i, c) / factor()}
   * over the strip's wanted rows {@code i}; no other row is read. Nor are other columns used.
   *
   * @param weights vectors of weights: 1, 2 or 4
   */
  void add(
      int weights, float[] w, int wAt, int wStride, KvStrip x, float[] o, int oAt, int oStride);
}
