package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScoreOps} on F32 keys. */
final class VectorScores32 implements ScoreOps {
  private static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  private static final int LANES = F.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BLOCK = KvLayout.BLOCK;

  /** Bytes from one element of a block's keys to the next. */
  private static final long ELEMENT = 4L * BLOCK;

  private final int headDim;
  private final long keyBlockBytes;

  VectorScores32(KvLayout layout) {
    this.headDim = layout.shape.headDim();
    this.keyBlockBytes = layout.keyBlockBytes;
  }

  @Override
  public float queryFactor() {
    return 1;
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
        case 1 -> scores1(q, qAt, memory, keys, headDim, s, to);
        case 2 -> scores2(q, qAt, memory, keys, headDim, s, to, stride);
        default -> scores4(q, qAt, memory, keys, headDim, s, to, stride);
      }
    }
  }

  private static void scores1(
      float[] q, int qAt, MemorySegment memory, long offset, int headDim, float[] s, int at) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector a2 = FloatVector.zero(F);
      FloatVector a3 = FloatVector.zero(F);
      long k = offset + 4L * t;
      int e = 0;
      for (; e < headDim - 3; e += 4) {
        long i = k + e * ELEMENT;
        FloatVector k0 = FloatVector.fromMemorySegment(F, memory, i, ORDER);
        FloatVector k1 = FloatVector.fromMemorySegment(F, memory, i + ELEMENT, ORDER);
        FloatVector k2 = FloatVector.fromMemorySegment(F, memory, i + 2 * ELEMENT, ORDER);
        FloatVector k3 = FloatVector.fromMemorySegment(F, memory, i + 3 * ELEMENT, ORDER);
        a0 = k0.fma(FloatVector.broadcast(F, q[qAt + e]), a0);
        a1 = k1.fma(FloatVector.broadcast(F, q[qAt + e + 1]), a1);
        a2 = k2.fma(FloatVector.broadcast(F, q[qAt + e + 2]), a2);
        a3 = k3.fma(FloatVector.broadcast(F, q[qAt + e + 3]), a3);
      }
      for (; e < headDim; e++) {
        FloatVector k0 = FloatVector.fromMemorySegment(F, memory, k + e * ELEMENT, ORDER);
        a0 = k0.fma(FloatVector.broadcast(F, q[qAt + e]), a0);
      }
      a0.add(a1).add(a2.add(a3)).intoArray(s, at + t);
    }
  }

  private static void scores2(
      float[] q,
      int qAt,
      MemorySegment memory,
      long offset,
      int headDim,
      float[] s,
      int at,
      int stride) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector b0 = FloatVector.zero(F);
      FloatVector b1 = FloatVector.zero(F);
      long k = offset + 4L * t;
      int e = 0;
      for (; e < headDim - 1; e += 2) {
        long i = k + e * ELEMENT;
        FloatVector k0 = FloatVector.fromMemorySegment(F, memory, i, ORDER);
        FloatVector k1 = FloatVector.fromMemorySegment(F, memory, i + ELEMENT, ORDER);
        int j = qAt + 2 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[j]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[j + 1]), b0);
        a1 = k1.fma(FloatVector.broadcast(F, q[j + 2]), a1);
        b1 = k1.fma(FloatVector.broadcast(F, q[j + 3]), b1);
      }
      if (e < headDim) {
        FloatVector k0 = FloatVector.fromMemorySegment(F, memory, k + e * ELEMENT, ORDER);
        int j = qAt + 2 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[j]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[j + 1]), b0);
      }
      a0.add(a1).intoArray(s, at + t);
      b0.add(b1).intoArray(s, at + stride + t);
    }
  }

  private static void scores4(
      float[] q,
      int qAt,
      MemorySegment memory,
      long offset,
      int headDim,
      float[] s,
      int at,
      int stride) {
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
      int e = 0;
      for (; e < headDim - 1; e += 2) {
        long i = k + e * ELEMENT;
        FloatVector k0 = FloatVector.fromMemorySegment(F, memory, i, ORDER);
        FloatVector k1 = FloatVector.fromMemorySegment(F, memory, i + ELEMENT, ORDER);
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
      if (e < headDim) {
        FloatVector k0 = FloatVector.fromMemorySegment(F, memory, k + e * ELEMENT, ORDER);
        int j = qAt + 4 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[j]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[j + 1]), b0);
        c0 = k0.fma(FloatVector.broadcast(F, q[j + 2]), c0);
        d0 = k0.fma(FloatVector.broadcast(F, q[j + 3]), d0);
      }
      a0.add(a1).intoArray(s, at + t);
      b0.add(b1).intoArray(s, at + stride + t);
      c0.add(c1).intoArray(s, at + 2 * stride + t);
      d0.add(d1).intoArray(s, at + 3 * stride + t);
    }
  }
}
