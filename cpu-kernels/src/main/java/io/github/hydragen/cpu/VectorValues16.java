package io.github.hydragen.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link ValueOps} on F16 and BF16 values, two tokens to a word, widened as {@link Half} says. */
final class VectorValues16 extends SlicedValues {
  private static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  private static final int LANES = F.length();
  private static final long BYTES = 4L * LANES;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final int shift;
  private final int mask;
  private final float weightFactor;

  VectorValues16(KvLayout layout) {
    super(layout);
    this.shift = Half.shift(layout.type);
    this.mask = Half.mask(layout.type);
    this.weightFactor = Half.factor(layout.type);
  }

  @Override
  public float weightFactor() {
    return weightFactor;
  }

  @Override
  public void accumulate(
      int rows,
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt) {
    int firstPair = from + (from & 1);
    int lastPair = to - (to & 1);
    if (from < firstPair) {
      single(rows, p, pAt, pStride, memory, offset, from, o, oAt);
    }
    if (firstPair < lastPair) {
      slices(rows, p, pAt, pStride, memory, offset, firstPair, lastPair, o, oAt);
    }
    if (lastPair < to && lastPair >= from) {
      single(rows, p, pAt, pStride, memory, offset, lastPair, o, oAt);
    }
  }

  /** One token whose neighbour in the words must not be read: that may be anything. */
  private void single(
      int rows,
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int token,
      float[] o,
      int oAt) {
    long words = offset + 4L * (token >> 1) * row;
    int up = (token & 1) == 0 ? 16 : 0;
    for (int r = 0; r < rows; r++) {
      float weight = p[pAt + r * pStride + token];
      int out = oAt + r * row;
      for (int e = 0; e < row; e += LANES) {
        IntVector x = IntVector.fromMemorySegment(I, memory, words + 4L * e, ORDER);
        FloatVector v = x.lanewise(LSHL, up).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        v.mul(weight).add(FloatVector.fromArray(F, o, out + e)).intoArray(o, out + e);
      }
    }
  }

  @Override
  void accumulate1x8(
      float[] p, int pAt, MemorySegment memory, long offset, int from, int to, float[] o, int oAt) {
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector a1 = FloatVector.fromArray(F, o, oAt + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, oAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, oAt + 3 * LANES);
    FloatVector a4 = FloatVector.fromArray(F, o, oAt + 4 * LANES);
    FloatVector a5 = FloatVector.fromArray(F, o, oAt + 5 * LANES);
    FloatVector a6 = FloatVector.fromArray(F, o, oAt + 6 * LANES);
    FloatVector a7 = FloatVector.fromArray(F, o, oAt + 7 * LANES);
    for (int t = from; t < to; t += 2) {
      long i = offset + 2L * t * row;
      IntVector x0 = IntVector.fromMemorySegment(I, memory, i, ORDER);
      IntVector x1 = IntVector.fromMemorySegment(I, memory, i + BYTES, ORDER);
      IntVector x2 = IntVector.fromMemorySegment(I, memory, i + 2 * BYTES, ORDER);
      IntVector x3 = IntVector.fromMemorySegment(I, memory, i + 3 * BYTES, ORDER);
      IntVector x4 = IntVector.fromMemorySegment(I, memory, i + 4 * BYTES, ORDER);
      IntVector x5 = IntVector.fromMemorySegment(I, memory, i + 5 * BYTES, ORDER);
      IntVector x6 = IntVector.fromMemorySegment(I, memory, i + 6 * BYTES, ORDER);
      IntVector x7 = IntVector.fromMemorySegment(I, memory, i + 7 * BYTES, ORDER);
      FloatVector v0 = x0.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v1 = x1.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v2 = x2.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v3 = x3.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v4 = x4.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v5 = x5.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v6 = x6.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v7 = x7.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
      a4 = v4.fma(w, a4);
      a5 = v5.fma(w, a5);
      a6 = v6.fma(w, a6);
      a7 = v7.fma(w, a7);
      v0 = x0.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v1 = x1.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v2 = x2.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v3 = x3.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v4 = x4.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v5 = x5.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v6 = x6.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v7 = x7.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      w = FloatVector.broadcast(F, p[pAt + t + 1]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
      a4 = v4.fma(w, a4);
      a5 = v5.fma(w, a5);
      a6 = v6.fma(w, a6);
      a7 = v7.fma(w, a7);
    }
    a0.intoArray(o, oAt);
    a1.intoArray(o, oAt + LANES);
    a2.intoArray(o, oAt + 2 * LANES);
    a3.intoArray(o, oAt + 3 * LANES);
    a4.intoArray(o, oAt + 4 * LANES);
    a5.intoArray(o, oAt + 5 * LANES);
    a6.intoArray(o, oAt + 6 * LANES);
    a7.intoArray(o, oAt + 7 * LANES);
  }

  @Override
  void accumulate1x4(
      float[] p, int pAt, MemorySegment memory, long offset, int from, int to, float[] o, int oAt) {
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector a1 = FloatVector.fromArray(F, o, oAt + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, oAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, oAt + 3 * LANES);
    for (int t = from; t < to; t += 2) {
      long i = offset + 2L * t * row;
      IntVector x0 = IntVector.fromMemorySegment(I, memory, i, ORDER);
      IntVector x1 = IntVector.fromMemorySegment(I, memory, i + BYTES, ORDER);
      IntVector x2 = IntVector.fromMemorySegment(I, memory, i + 2 * BYTES, ORDER);
      IntVector x3 = IntVector.fromMemorySegment(I, memory, i + 3 * BYTES, ORDER);
      FloatVector v0 = x0.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v1 = x1.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v2 = x2.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v3 = x3.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
      v0 = x0.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v1 = x1.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v2 = x2.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v3 = x3.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      w = FloatVector.broadcast(F, p[pAt + t + 1]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
    }
    a0.intoArray(o, oAt);
    a1.intoArray(o, oAt + LANES);
    a2.intoArray(o, oAt + 2 * LANES);
    a3.intoArray(o, oAt + 3 * LANES);
  }

  @Override
  void accumulate1x1(
      float[] p, int pAt, MemorySegment memory, long offset, int from, int to, float[] o, int oAt) {
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    for (int t = from; t < to; t += 2) {
      long i = offset + 2L * t * row;
      IntVector x0 = IntVector.fromMemorySegment(I, memory, i, ORDER);
      FloatVector v0 = x0.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      a0 = v0.fma(w, a0);
      v0 = x0.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      w = FloatVector.broadcast(F, p[pAt + t + 1]);
      a0 = v0.fma(w, a0);
    }
    a0.intoArray(o, oAt);
  }

  @Override
  void accumulate2x1(
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt) {
    int b = oAt + row;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector b0 = FloatVector.fromArray(F, o, b);
    for (int t = from; t < to; t += 2) {
      long i = offset + 2L * t * row;
      IntVector x0 = IntVector.fromMemorySegment(I, memory, i, ORDER);
      FloatVector v0 = x0.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      a0 = v0.fma(w, a0);
      w = FloatVector.broadcast(F, p[pAt + pStride + t]);
      b0 = v0.fma(w, b0);
      v0 = x0.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      w = FloatVector.broadcast(F, p[pAt + t + 1]);
      a0 = v0.fma(w, a0);
      w = FloatVector.broadcast(F, p[pAt + pStride + t + 1]);
      b0 = v0.fma(w, b0);
    }
    a0.intoArray(o, oAt);
    b0.intoArray(o, b);
  }

  @Override
  void accumulate4x4(
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt) {
    int b = oAt + row;
    int c = oAt + 2 * row;
    int d = oAt + 3 * row;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector a1 = FloatVector.fromArray(F, o, oAt + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, oAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, oAt + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(F, o, b);
    FloatVector b1 = FloatVector.fromArray(F, o, b + LANES);
    FloatVector b2 = FloatVector.fromArray(F, o, b + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(F, o, b + 3 * LANES);
    FloatVector c0 = FloatVector.fromArray(F, o, c);
    FloatVector c1 = FloatVector.fromArray(F, o, c + LANES);
    FloatVector c2 = FloatVector.fromArray(F, o, c + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(F, o, c + 3 * LANES);
    FloatVector d0 = FloatVector.fromArray(F, o, d);
    FloatVector d1 = FloatVector.fromArray(F, o, d + LANES);
    FloatVector d2 = FloatVector.fromArray(F, o, d + 2 * LANES);
    FloatVector d3 = FloatVector.fromArray(F, o, d + 3 * LANES);
    for (int t = from; t < to; t += 2) {
      long i = offset + 2L * t * row;
      IntVector x0 = IntVector.fromMemorySegment(I, memory, i, ORDER);
      IntVector x1 = IntVector.fromMemorySegment(I, memory, i + BYTES, ORDER);
      IntVector x2 = IntVector.fromMemorySegment(I, memory, i + 2 * BYTES, ORDER);
      IntVector x3 = IntVector.fromMemorySegment(I, memory, i + 3 * BYTES, ORDER);
      FloatVector v0 = x0.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v1 = x1.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v2 = x2.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector v3 = x3.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
      w = FloatVector.broadcast(F, p[pAt + pStride + t]);
      b0 = v0.fma(w, b0);
      b1 = v1.fma(w, b1);
      b2 = v2.fma(w, b2);
      b3 = v3.fma(w, b3);
      w = FloatVector.broadcast(F, p[pAt + 2 * pStride + t]);
      c0 = v0.fma(w, c0);
      c1 = v1.fma(w, c1);
      c2 = v2.fma(w, c2);
      c3 = v3.fma(w, c3);
      w = FloatVector.broadcast(F, p[pAt + 3 * pStride + t]);
      d0 = v0.fma(w, d0);
      d1 = v1.fma(w, d1);
      d2 = v2.fma(w, d2);
      d3 = v3.fma(w, d3);
      v0 = x0.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v1 = x1.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v2 = x2.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      v3 = x3.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      w = FloatVector.broadcast(F, p[pAt + t + 1]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
      w = FloatVector.broadcast(F, p[pAt + pStride + t + 1]);
      b0 = v0.fma(w, b0);
      b1 = v1.fma(w, b1);
      b2 = v2.fma(w, b2);
      b3 = v3.fma(w, b3);
      w = FloatVector.broadcast(F, p[pAt + 2 * pStride + t + 1]);
      c0 = v0.fma(w, c0);
      c1 = v1.fma(w, c1);
      c2 = v2.fma(w, c2);
      c3 = v3.fma(w, c3);
      w = FloatVector.broadcast(F, p[pAt + 3 * pStride + t + 1]);
      d0 = v0.fma(w, d0);
      d1 = v1.fma(w, d1);
      d2 = v2.fma(w, d2);
      d3 = v3.fma(w, d3);
    }
    a0.intoArray(o, oAt);
    a1.intoArray(o, oAt + LANES);
    a2.intoArray(o, oAt + 2 * LANES);
    a3.intoArray(o, oAt + 3 * LANES);
    b0.intoArray(o, b);
    b1.intoArray(o, b + LANES);
    b2.intoArray(o, b + 2 * LANES);
    b3.intoArray(o, b + 3 * LANES);
    c0.intoArray(o, c);
    c1.intoArray(o, c + LANES);
    c2.intoArray(o, c + 2 * LANES);
    c3.intoArray(o, c + 3 * LANES);
    d0.intoArray(o, d);
    d1.intoArray(o, d + LANES);
    d2.intoArray(o, d + 2 * LANES);
    d3.intoArray(o, d + 3 * LANES);
  }

  @Override
  void accumulate4x1(
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt) {
    int b = oAt + row;
    int c = oAt + 2 * row;
    int d = oAt + 3 * row;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector b0 = FloatVector.fromArray(F, o, b);
    FloatVector c0 = FloatVector.fromArray(F, o, c);
    FloatVector d0 = FloatVector.fromArray(F, o, d);
    for (int t = from; t < to; t += 2) {
      long i = offset + 2L * t * row;
      IntVector x0 = IntVector.fromMemorySegment(I, memory, i, ORDER);
      FloatVector v0 = x0.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      a0 = v0.fma(w, a0);
      w = FloatVector.broadcast(F, p[pAt + pStride + t]);
      b0 = v0.fma(w, b0);
      w = FloatVector.broadcast(F, p[pAt + 2 * pStride + t]);
      c0 = v0.fma(w, c0);
      w = FloatVector.broadcast(F, p[pAt + 3 * pStride + t]);
      d0 = v0.fma(w, d0);
      v0 = x0.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
      w = FloatVector.broadcast(F, p[pAt + t + 1]);
      a0 = v0.fma(w, a0);
      w = FloatVector.broadcast(F, p[pAt + pStride + t + 1]);
      b0 = v0.fma(w, b0);
      w = FloatVector.broadcast(F, p[pAt + 2 * pStride + t + 1]);
      c0 = v0.fma(w, c0);
      w = FloatVector.broadcast(F, p[pAt + 3 * pStride + t + 1]);
      d0 = v0.fma(w, d0);
    }
    a0.intoArray(o, oAt);
    b0.intoArray(o, b);
    c0.intoArray(o, c);
    d0.intoArray(o, d);
  }
}
