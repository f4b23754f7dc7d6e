package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvStrip;
import java.lang.foreign.MemorySegment;

/** Widens strips of stored keys and values to floats that stay in the nearest caches. */
public interface Decoder {
  /** Brings what will be decoded into the caches, where that can be done faster than decoding. */
  default void fetch(MemorySegment memory, long from, long bytes) {}

  /**
   * Decodes a strip's wanted rows and columns to {@code into[at + row * rowStride + column / 16 *
   * blockStride + column % 16]}; where two rows share their words, both.
   */
  void decode(KvStrip x, float[] into, int at, int rowStride, int blockStride);
}
