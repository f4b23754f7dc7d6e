package io.github.hydragen.cpu.simd;

/**
 * The inner loops for many queries: vectors run over queries, so that nothing is summed across
 * lanes.
 *
 * <p>A tile is {@code width} queries wide; scores, weights and outputs are transposed: [token or
 * element][query].
 */
public interface MatrixOps {
  /** Queries of the tile that serves best for so many rows: one of a few multiples of the lanes. */
  int width(int rows);

  /** The widest tile. */
  int maxWidth();

  /**
   * Scores: {@code s[t * width + x] = sum_e q[qAt + e * width + x] * keys[(t / 16 * headDim + e) *
   * 16 + t % 16]}.
   *
   * @param tokens a multiple of 16
   */
  void scores(
      int width, float[] q, int qAt, float[] keys, int keyRow, int headDim, int tokens, float[] s);

  /**
   * Online softmax of a tile: raises {@code max}, replaces scores by {@code 2^(s - max)}, rescales
   * and extends {@code sum}, and leaves in {@code factor} what older outputs have to be multiplied
   * by.
   *
   * @param at position of the tile's first query in {@code max} and {@code sum}
   */
  void softmax(int width, int tokens, float[] s, float[] max, float[] sum, int at, float[] factor);

  /** Whether all of some numbers, a multiple of 16, are neither infinite nor NaN. */
  boolean finite(float[] x);

  /**
   * Outputs: {@code o[oAt + e * width + x] = factor[x] * o[...] + sum_t p[t * width + x] * values[e
   * / 16 * VALUE_BLOCK + t * 16 + e % 16]}.
   */
  void accumulate(
      int width,
      float[] p,
      int tokens,
      float[] values,
      int elements,
      float[] factor,
      float[] o,
      int oAt);
}
