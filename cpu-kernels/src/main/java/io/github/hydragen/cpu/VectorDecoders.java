package io.github.hydragen.cpu;

import io.github.hydragen.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Decoders on vectors. Each loop is written out: a helper that returns vectors may be boxed. */
final class VectorDecoders {
  private static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  private static final int LANES = F.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BLOCK = KvLayout.BLOCK;

  private VectorDecoders() {}

  /** Copies. */
  static final class Of32 implements Decoder {
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

  /** Halves of words, as {@link Half} says; the factor is multiplied in at once. */
  static final class Of16 implements Decoder {
    private final int shift;
    private final int mask;
    private final float factor;

    Of16(DataType type) {
      this.shift = Half.shift(type);
      this.mask = Half.mask(type);
      this.factor = Half.factor(type);
    }

    @Override
    public void keys(MemorySegment memory, long offset, int row, float[] into, int at) {
      for (int p = 0; p < row / 2; p++) {
        long from = offset + 4L * p * BLOCK;
        int to = at + 2 * p * BLOCK;
        for (int t = 0; t < BLOCK; t += LANES) {
          IntVector w = IntVector.fromMemorySegment(I, memory, from + 4L * t, ORDER);
          w.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, shift)
              .and(mask)
              .reinterpretAsFloats()
              .mul(factor)
              .intoArray(into, to + t);
          w.lanewise(VectorOperators.ASHR, shift)
              .and(mask)
              .reinterpretAsFloats()
              .mul(factor)
              .intoArray(into, to + BLOCK + t);
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
          IntVector w = IntVector.fromMemorySegment(I, memory, from + 4L * e, ORDER);
          w.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, shift)
              .and(mask)
              .reinterpretAsFloats()
              .mul(factor)
              .intoArray(into, to + e);
          w.lanewise(VectorOperators.ASHR, shift)
              .and(mask)
              .reinterpretAsFloats()
              .mul(factor)
              .intoArray(into, to + stride + e);
        }
      }
    }
  }
}
