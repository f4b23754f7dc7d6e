package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** Loops that are bound by nothing but the arithmetic units, or by nothing but memory. */
final class LimitLoops {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int CHAINS = 12;

  /** Multiplications and additions of one step: one fused operation in every chain. */
  static final int FLOPS_PER_STEP = 2 * CHAINS * F.length();

  /** Where results go, so that no loop is without use. */
  @SuppressWarnings("unused")
  private static volatile double sink;

  private LimitLoops() {}

  /** Steps of independent chains: enough of them to hide the latency of two units. */
  static void multiplyAdd(int steps) {
    FloatVector a = FloatVector.broadcast(F, 0.999f);
    FloatVector b = FloatVector.broadcast(F, 0.001f);
    FloatVector c0 = FloatVector.broadcast(F, 1f);
    FloatVector c1 = FloatVector.broadcast(F, 2f);
    FloatVector c2 = FloatVector.broadcast(F, 3f);
    FloatVector c3 = FloatVector.broadcast(F, 4f);
    FloatVector c4 = FloatVector.broadcast(F, 5f);
    FloatVector c5 = FloatVector.broadcast(F, 6f);
    FloatVector c6 = FloatVector.broadcast(F, 7f);
    FloatVector c7 = FloatVector.broadcast(F, 8f);
    FloatVector c8 = FloatVector.broadcast(F, 9f);
    FloatVector c9 = FloatVector.broadcast(F, 10f);
    FloatVector c10 = FloatVector.broadcast(F, 11f);
    FloatVector c11 = FloatVector.broadcast(F, 12f);
    for (int i = 0; i < steps; i++) {
      c0 = c0.fma(a, b);
      c1 = c1.fma(a, b);
      c2 = c2.fma(a, b);
      c3 = c3.fma(a, b);
      c4 = c4.fma(a, b);
      c5 = c5.fma(a, b);
      c6 = c6.fma(a, b);
      c7 = c7.fma(a, b);
      c8 = c8.fma(a, b);
      c9 = c9.fma(a, b);
      c10 = c10.fma(a, b);
      c11 = c11.fma(a, b);
    }
    FloatVector s0 = c0.add(c1).add(c2.add(c3));
    FloatVector s4 = c4.add(c5).add(c6.add(c7));
    FloatVector s8 = c8.add(c9).add(c10.add(c11));
    sink = s0.add(s4).add(s8).lane(0);
  }

  /**
   * Reads {@code bytes} from {@code from} on.
   *
   * @param bytes a multiple of 8 vectors
   */
  static void read(MemorySegment memory, long from, int bytes) {
    long step = L.vectorByteSize();
    LongVector s0 = LongVector.zero(L);
    LongVector s1 = LongVector.zero(L);
    LongVector s2 = LongVector.zero(L);
    LongVector s3 = LongVector.zero(L);
    LongVector s4 = LongVector.zero(L);
    LongVector s5 = LongVector.zero(L);
    LongVector s6 = LongVector.zero(L);
    LongVector s7 = LongVector.zero(L);
    for (int o = 0; o < bytes; o += 8 * L.vectorByteSize()) {
      long at = from + o;
      s0 = s0.add(LongVector.fromMemorySegment(L, memory, at, ORDER));
      s1 = s1.add(LongVector.fromMemorySegment(L, memory, at + step, ORDER));
      s2 = s2.add(LongVector.fromMemorySegment(L, memory, at + 2 * step, ORDER));
      s3 = s3.add(LongVector.fromMemorySegment(L, memory, at + 3 * step, ORDER));
      s4 = s4.add(LongVector.fromMemorySegment(L, memory, at + 4 * step, ORDER));
      s5 = s5.add(LongVector.fromMemorySegment(L, memory, at + 5 * step, ORDER));
      s6 = s6.add(LongVector.fromMemorySegment(L, memory, at + 6 * step, ORDER));
      s7 = s7.add(LongVector.fromMemorySegment(L, memory, at + 7 * step, ORDER));
    }
    LongVector sum = s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6.add(s7)));
    sink = sum.lane(0);
  }
}
