package io.github.hydragen.cpu;

/**
 * The inner loops for few queries: vectors run over tokens for scores, over elements for outputs.
 */
interface StreamOps {
  /** Most rows that {@link #scores} and {@link #accumulate} take at once: 1, 2 or this. */
  int MAX_ROWS = 4;

  /**
   * Scores of a block's 16 keys: {@code s[at + r * stride + t] = sum_e q[qAt + e * rows + r] *
   * keys[e * 16 + t]}.
   *
   * @param rows 1, 2 or 4
   */
  void scores(
      int rows, float[] q, int qAt, float[] keys, int headDim, float[] s, int at, int stride);

  /** The largest of {@code n} elements, {@code n} a multiple of 16. */
  float max(float[] s, int at, int n);

  /** Replaces {@code n} elements by {@code 2^(s - max)}, at least 2^-126, and returns their sum. */
  float exp2Sum(float[] s, int at, int n, float max);

  /** Multiplies {@code n} elements, {@code n} a multiple of 16. */
  void scale(float[] x, int at, int n, float factor);

  /**
   * Adds weighted values: {@code o[oAt + r * row + e] += p[pAt + r * pStride + t] * values[t * row
   * + e]} for tokens {@code from <= t < to}.
   *
   * @param rows 1, 2 or 4
   * @param row elements of a value, a multiple of 16
   */
  void accumulate(
      int rows,
      float[] p,
      int pAt,
      int pStride,
      float[] values,
      int row,
      int from,
      int to,
      float[] o,
      int oAt);
}
