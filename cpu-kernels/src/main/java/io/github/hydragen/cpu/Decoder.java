package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/** Widens blocks of stored keys and values to floats that stay in the nearest caches. */
interface Decoder {
  /**
   * Decodes the keys of one block to {@code into[at + element * 16 + token]}.
   *
   * @param offset byte offset of the block
   * @param row stored elements of a key
   */
  void keys(MemorySegment memory, long offset, int row, float[] into, int at);

  /**
   * Decodes the values of one block to {@code into[at + token * stride + element]}.
   *
   * @param offset byte offset of the block
   * @param row stored elements of a value
   */
  void values(MemorySegment memory, long offset, int row, float[] into, int at, int stride);
}
