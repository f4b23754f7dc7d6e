package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/** Weighted sums of stored values, straight from memory; vectors run over a value's elements. */
interface ValueOps {
  /** A power of two that {@link #accumulate} expects its weights multiplied by. */
  float weightFactor();

  /**
   * Adds weighted values: {@code o[oAt + r * row + e] += p[pAt + r * pStride + t] * value(t, e)}
   * for tokens {@code from <= t < to}; no other token is read.
   *
   * @param rows 1, 2 or 4
   * @param offset byte offset of the values of token 0, the first of a block
   */
  void accumulate(
      int rows,
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt);
}
