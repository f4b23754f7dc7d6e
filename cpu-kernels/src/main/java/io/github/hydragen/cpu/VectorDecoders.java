package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Decoders on vectors. Each loop is written out: a helper that returns vectors may be boxed. */
final class VectorDecoders {
  private static final VectorSpecies<Float> F = VectorStreamOps.F;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  private static final int LANES = F.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BLOCK = KvLayout.BLOCK;

  private VectorDecoders() {}

  /** Copies. */
  static final class OfF32 implements Decoder {
    @Override
    public void keys(MemorySegment memory, long offset, int row, float[] into, int at) {
      int n = row * BLOCK;
      for (int i = 0; i < n; i += LANES) {
        FloatVector.fromMemorySegment(F, memory, offset + i * 4L, ORDER).intoArray(into, at + i);
      }
    }

    @Override
    public void values(
        MemorySegment memory, long offset, int row, float[] into, int at, int stride) {
      for (int t = 0; t < BLOCK; t++) {
        long from = offset + 4L * t * row;
        int to = at + t * stride;
        for (int e = 0; e < row; e += LANES) {
          FloatVector.fromMemorySegment(F, memory, from + e * 4L, ORDER).intoArray(into, to + e);
        }
      }
    }
  }

  /** The low half of a word is the first of two elements, the high half the second. */
  static final class OfBf16 implements Decoder {
    private static final int HIGH = 0xffff0000;

    @Override
    public void keys(MemorySegment memory, long offset, int row, float[] into, int at) {
      int pairs = row / 2;
      for (int p = 0; p < pairs; p++) {
        long from = offset + 4L * p * BLOCK;
        int to = at + p * (2 * BLOCK);
        for (int t = 0; t < BLOCK; t += LANES) {
          IntVector w = IntVector.fromMemorySegment(I, memory, from + t * 4L, ORDER);
          w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(into, to + t);
          w.and(HIGH).reinterpretAsFloats().intoArray(into, to + BLOCK + t);
        }
      }
    }

    @Override
    public void values(
        MemorySegment memory, long offset, int row, float[] into, int at, int stride) {
      for (int p = 0; p < BLOCK / 2; p++) {
        long from = offset + 4L * p * row;
        int to = at + 2 * p * stride;
        for (int e = 0; e < row; e += LANES) {
          IntVector w = IntVector.fromMemorySegment(I, memory, from + e * 4L, ORDER);
          w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(into, to + e);
          w.and(HIGH).reinterpretAsFloats().intoArray(into, to + stride + e);
        }
      }
    }
  }

  /**
   * Exponent and mantissa of a half, moved to where a float has them, are the half times 2^-112,
   * also for subnormals; infinity and NaN need all exponent bits.
   */
  static final class OfF16 implements Decoder {
    private static final int SIGN_EXPONENT_MANTISSA = 0x8fffe000;
    private static final int HALF_EXPONENT = 0x0f800000;
    private static final int FLOAT_EXPONENT = 0x7f800000;
    private static final float SCALE = 0x1p112f;

    @Override
    public void keys(MemorySegment memory, long offset, int row, float[] into, int at) {
      int pairs = row / 2;
      for (int p = 0; p < pairs; p++) {
        long from = offset + 4L * p * BLOCK;
        int to = at + p * (2 * BLOCK);
        for (int t = 0; t < BLOCK; t += LANES) {
          IntVector w = IntVector.fromMemorySegment(I, memory, from + t * 4L, ORDER);
          IntVector low =
              w.lanewise(VectorOperators.LSHL, 16)
                  .lanewise(VectorOperators.ASHR, 3)
                  .and(SIGN_EXPONENT_MANTISSA);
          IntVector high = w.lanewise(VectorOperators.ASHR, 3).and(SIGN_EXPONENT_MANTISSA);
          VectorMask<Integer> lowSpecial =
              low.and(HALF_EXPONENT).compare(VectorOperators.EQ, HALF_EXPONENT);
          VectorMask<Integer> highSpecial =
              high.and(HALF_EXPONENT).compare(VectorOperators.EQ, HALF_EXPONENT);
          low = low.lanewise(VectorOperators.OR, FLOAT_EXPONENT, lowSpecial);
          high = high.lanewise(VectorOperators.OR, FLOAT_EXPONENT, highSpecial);
          low.reinterpretAsFloats().mul(SCALE).intoArray(into, to + t);
          high.reinterpretAsFloats().mul(SCALE).intoArray(into, to + BLOCK + t);
        }
      }
    }

    @Override
    public void values(
        MemorySegment memory, long offset, int row, float[] into, int at, int stride) {
      for (int p = 0; p < BLOCK / 2; p++) {
        long from = offset + 4L * p * row;
        int to = at + 2 * p * stride;
        for (int e = 0; e < row; e += LANES) {
          IntVector w = IntVector.fromMemorySegment(I, memory, from + e * 4L, ORDER);
          IntVector low =
              w.lanewise(VectorOperators.LSHL, 16)
                  .lanewise(VectorOperators.ASHR, 3)
                  .and(SIGN_EXPONENT_MANTISSA);
          IntVector high = w.lanewise(VectorOperators.ASHR, 3).and(SIGN_EXPONENT_MANTISSA);
          VectorMask<Integer> lowSpecial =
              low.and(HALF_EXPONENT).compare(VectorOperators.EQ, HALF_EXPONENT);
          VectorMask<Integer> highSpecial =
              high.and(HALF_EXPONENT).compare(VectorOperators.EQ, HALF_EXPONENT);
          low = low.lanewise(VectorOperators.OR, FLOAT_EXPONENT, lowSpecial);
          high = high.lanewise(VectorOperators.OR, FLOAT_EXPONENT, highSpecial);
          low.reinterpretAsFloats().mul(SCALE).intoArray(into, to + e);
          high.reinterpretAsFloats().mul(SCALE).intoArray(into, to + stride + e);
        }
      }
    }
  }
}
