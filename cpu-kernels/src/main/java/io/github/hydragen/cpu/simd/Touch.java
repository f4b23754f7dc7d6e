package io.github.hydragen.cpu.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Brings memory into the caches ahead of a loop that does much with each line.
 *
 * <p>A processor has only so many instructions under way. With 30 of them a line, a dozen lines
 * are; with the two that this takes, as many as the memory system can serve.
 */
final class Touch {
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LINE = 64;
  private static final int STEP = 8 * LINE;

  /** Where results go, so that no load is without use. */
  @SuppressWarnings("unused")
  private static volatile long sink;

  private Touch() {}

  /** Reads a part of every line, except where less than {@value #STEP} bytes are left. */
  static void lines(MemorySegment memory, long from, long bytes) {
    LongVector s0 = LongVector.zero(L);
    LongVector s1 = LongVector.zero(L);
    LongVector s2 = LongVector.zero(L);
    LongVector s3 = LongVector.zero(L);
    LongVector s4 = LongVector.zero(L);
    LongVector s5 = LongVector.zero(L);
    LongVector s6 = LongVector.zero(L);
    LongVector s7 = LongVector.zero(L);
    int end = (int) bytes - STEP;
    for (int o = 0; o <= end; o += STEP) {
      long at = from + o;
      s0 = s0.or(LongVector.fromMemorySegment(L, memory, at, ORDER));
      s1 = s1.or(LongVector.fromMemorySegment(L, memory, at + LINE, ORDER));
      s2 = s2.or(LongVector.fromMemorySegment(L, memory, at + 2 * LINE, ORDER));
      s3 = s3.or(LongVector.fromMemorySegment(L, memory, at + 3 * LINE, ORDER));
      s4 = s4.or(LongVector.fromMemorySegment(L, memory, at + 4 * LINE, ORDER));
      s5 = s5.or(LongVector.fromMemorySegment(L, memory, at + 5 * LINE, ORDER));
      s6 = s6.or(LongVector.fromMemorySegment(L, memory, at + 6 * LINE, ORDER));
      s7 = s7.or(LongVector.fromMemorySegment(L, memory, at + 7 * LINE, ORDER));
    }
    sink = s0.or(s1).or(s2.or(s3)).or(s4.or(s5).or(s6.or(s7))).lane(0);
  }
}
