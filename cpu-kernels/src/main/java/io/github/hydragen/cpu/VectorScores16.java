package io.github.hydragen.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.hydragen.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScoreOps} on F16 and BF16 keys, two elements to a word, widened as {@link Half} says. */
final class VectorScores16 implements ScoreOps {
  private static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  private static final int LANES = F.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BLOCK = KvLayout.BLOCK;

  /** Bytes from one element of a block's keys to the next, on average: two share a word. */
  private static final long ELEMENT = 2L * BLOCK;

  private final int keyRow;
  private final long keyBlockBytes;
  private final int shift;
  private final int mask;
  private final float queryFactor;
  private final float scoreFactor;

  VectorScores16(KvLayout layout) {
    this.keyRow = layout.keyRow;
    this.keyBlockBytes = layout.keyBlockBytes;
    this.shift = Half.shift(layout.type);
    this.mask = Half.mask(layout.type);
    this.queryFactor = layout.type == DataType.F16 ? Half.QUERY_FACTOR : 1;
    this.scoreFactor = Half.factor(layout.type) / queryFactor;
  }

  @Override
  public float queryFactor() {
    return queryFactor;
  }

  @Override
  public void scores(
      int rows,
      float[] q,
      int qAt,
      MemorySegment memory,
      long offset,
      int blocks,
      float[] s,
      int at,
      int stride) {
    for (int b = 0; b < blocks; b++) {
      long keys = offset + b * keyBlockBytes;
      int to = at + b * BLOCK;
      switch (rows) {
        case 1 -> scores1(q, qAt, memory, keys, s, to);
        case 2 -> scores2(q, qAt, memory, keys, s, to, stride);
        default -> scores4(q, qAt, memory, keys, s, to, stride);
      }
    }
  }

  private void scores1(float[] q, int qAt, MemorySegment memory, long offset, float[] s, int at) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      long k = offset + 4L * t;
      for (int e = 0; e < keyRow; e += 2) {
        IntVector w = IntVector.fromMemorySegment(I, memory, k + e * ELEMENT, ORDER);
        FloatVector k0 = w.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        FloatVector k1 = w.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        int j = qAt + e;
        a0 = k0.fma(FloatVector.broadcast(F, q[j]), a0);
        a1 = k1.fma(FloatVector.broadcast(F, q[j + 1]), a1);
      }
      a0.add(a1).mul(scoreFactor).intoArray(s, at + t);
    }
  }

  private void scores2(
      float[] q, int qAt, MemorySegment memory, long offset, float[] s, int at, int stride) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector b0 = FloatVector.zero(F);
      FloatVector b1 = FloatVector.zero(F);
      long k = offset + 4L * t;
      for (int e = 0; e < keyRow; e += 2) {
        IntVector w = IntVector.fromMemorySegment(I, memory, k + e * ELEMENT, ORDER);
        FloatVector k0 = w.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        FloatVector k1 = w.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        int j = qAt + 2 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[j]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[j + 1]), b0);
        a1 = k1.fma(FloatVector.broadcast(F, q[j + 2]), a1);
        b1 = k1.fma(FloatVector.broadcast(F, q[j + 3]), b1);
      }
      a0.add(a1).mul(scoreFactor).intoArray(s, at + t);
      b0.add(b1).mul(scoreFactor).intoArray(s, at + stride + t);
    }
  }

  private void scores4(
      float[] q, int qAt, MemorySegment memory, long offset, float[] s, int at, int stride) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector b0 = FloatVector.zero(F);
      FloatVector b1 = FloatVector.zero(F);
      FloatVector c0 = FloatVector.zero(F);
      FloatVector c1 = FloatVector.zero(F);
      FloatVector d0 = FloatVector.zero(F);
      FloatVector d1 = FloatVector.zero(F);
      long k = offset + 4L * t;
      for (int e = 0; e < keyRow; e += 2) {
        IntVector w = IntVector.fromMemorySegment(I, memory, k + e * ELEMENT, ORDER);
        FloatVector k0 = w.lanewise(LSHL, 16).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        FloatVector k1 = w.lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        int j = qAt + 4 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[j]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[j + 1]), b0);
        c0 = k0.fma(FloatVector.broadcast(F, q[j + 2]), c0);
        d0 = k0.fma(FloatVector.broadcast(F, q[j + 3]), d0);
        a1 = k1.fma(FloatVector.broadcast(F, q[j + 4]), a1);
        b1 = k1.fma(FloatVector.broadcast(F, q[j + 5]), b1);
        c1 = k1.fma(FloatVector.broadcast(F, q[j + 6]), c1);
        d1 = k1.fma(FloatVector.broadcast(F, q[j + 7]), d1);
      }
      a0.add(a1).mul(scoreFactor).intoArray(s, at + t);
      b0.add(b1).mul(scoreFactor).intoArray(s, at + stride + t);
      c0.add(c1).mul(scoreFactor).intoArray(s, at + 2 * stride + t);
      d0.add(d1).mul(scoreFactor).intoArray(s, at + 3 * stride + t);
    }
  }
}
