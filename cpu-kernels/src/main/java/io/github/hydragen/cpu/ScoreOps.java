package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Scores of a few query rows, straight on the stored keys, so that memory is read while earlier
 * data are being worked on; vectors run over tokens.
 */
interface ScoreOps {
  /** A power of two that {@link #scores} expects its queries multiplied by. */
  float queryFactor();

  /**
   * Scores of whole blocks: {@code s[at + r * stride + t] = sum_e q[qAt + e * rows + r] * key(t,
   * e)}.
   *
   * @param rows 1, 2 or 4
   * @param offset byte offset of the first block's keys
   */
  void scores(
      int rows,
      float[] q,
      int qAt,
      MemorySegment memory,
      long offset,
      int blocks,
      float[] s,
      int at,
      int stride);
}
