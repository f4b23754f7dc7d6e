package io.github.hydragen.cpu.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStrip;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Decoders on vectors. Each loop is written out: a helper that returns vectors may be boxed. */
final class VectorDecoders {
  private static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  private static final int LANES = F.length();
  private static final long BYTES = 4L * LANES;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BLOCK = KvLayout.BLOCK;
  private static final int STRIP = KvLayout.STRIP;

  private VectorDecoders() {}

  /** Where a column goes. */
  private static int target(int column, int blockStride) {
    return column / BLOCK * blockStride + column % BLOCK;
  }

  /** Copies. */
  static final class Of32 implements Decoder {
    @Override
    public void fetch(MemorySegment memory, long from, long bytes) {
      Touch.lines(memory, from, bytes);
    }

    @Override
    public void decode(KvStrip x, float[] into, int at, int rowStride, int blockStride) {
      int c = 0;
      for (int end = x.wide(LANES); c < end; c += 4 * LANES) {
        wide(x, c, into, at, rowStride, blockStride);
      }
      for (; c < x.columns; c += LANES) {
        narrow(x, c, into, at + target(c, blockStride), rowStride);
      }
    }

    private static void wide(
        KvStrip x, int column, float[] into, int at, int rowStride, int blockStride) {
      MemorySegment memory = x.memory;
      long from = x.offset + 4L * column;
      int a = at + target(column, blockStride);
      int b = at + target(column + LANES, blockStride);
      int c = at + target(column + 2 * LANES, blockStride);
      int d = at + target(column + 3 * LANES, blockStride);
      int j = x.from * rowStride;
      long end = from + 4L * STRIP * x.to;
      for (long row = from + 4L * STRIP * x.from; row < end; row += 4L * STRIP) {
        FloatVector.fromMemorySegment(F, memory, row, ORDER).intoArray(into, a + j);
        FloatVector.fromMemorySegment(F, memory, row + BYTES, ORDER).intoArray(into, b + j);
        FloatVector.fromMemorySegment(F, memory, row + 2 * BYTES, ORDER).intoArray(into, c + j);
        FloatVector.fromMemorySegment(F, memory, row + 3 * BYTES, ORDER).intoArray(into, d + j);
        j += rowStride;
      }
    }

    private static void narrow(KvStrip x, int column, float[] into, int at, int rowStride) {
      for (int i = x.from; i < x.to; i++) {
        long from = x.offset + 4L * i * x.width + 4L * column;
        FloatVector.fromMemorySegment(F, x.memory, from, ORDER).intoArray(into, at + i * rowStride);
      }
    }
  }

  /**
   * Halves of words, as {@link Half} says, in a class for each type: see {@link VectorRowSums16}.
   */
  abstract static class Of16 implements Decoder {
    @Override
    public void fetch(MemorySegment memory, long from, long bytes) {
      Touch.lines(memory, from, bytes);
    }

    @Override
    public void decode(KvStrip x, float[] into, int at, int rowStride, int blockStride) {
      int first = x.from & -2;
      int c = 0;
      for (int end = x.wide(LANES); c < end; c += 4 * LANES) {
        wide(x, c, first, into, at, rowStride, blockStride);
      }
      for (; c < x.columns; c += LANES) {
        narrow(x, c, first, into, at + target(c, blockStride), rowStride);
      }
    }

    abstract void wide(
        KvStrip x, int column, int first, float[] into, int at, int rowStride, int blockStride);

    abstract void narrow(KvStrip x, int column, int first, float[] into, int at, int rowStride);
  }

  /** The factor is multiplied in at once. */
  static final class OfF16 extends Of16 {
    private static final int SHIFT = Half.shift(DataType.F16);
    private static final int MASK = Half.mask(DataType.F16);
    private static final float FACTOR = Half.factor(DataType.F16);

    @Override
    void wide(
        KvStrip x, int column, int first, float[] into, int at, int rowStride, int blockStride) {
      MemorySegment memory = x.memory;
      long from = x.offset + 4L * column;
      int a = at + target(column, blockStride);
      int b = at + target(column + LANES, blockStride);
      int c = at + target(column + 2 * LANES, blockStride);
      int d = at + target(column + 3 * LANES, blockStride);
      int j = first * rowStride;
      long end = from + 2L * STRIP * x.to;
      for (long row = from + 2L * STRIP * first; row < end; row += 4L * STRIP) {
        IntVector w = IntVector.fromMemorySegment(I, memory, row, ORDER);
        w.lanewise(LSHL, 16)
            .lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, a + j);
        w.lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, a + j + rowStride);
        w = IntVector.fromMemorySegment(I, memory, row + BYTES, ORDER);
        w.lanewise(LSHL, 16)
            .lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, b + j);
        w.lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, b + j + rowStride);
        w = IntVector.fromMemorySegment(I, memory, row + 2 * BYTES, ORDER);
        w.lanewise(LSHL, 16)
            .lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, c + j);
        w.lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, c + j + rowStride);
        w = IntVector.fromMemorySegment(I, memory, row + 3 * BYTES, ORDER);
        w.lanewise(LSHL, 16)
            .lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, d + j);
        w.lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, d + j + rowStride);
        j += 2 * rowStride;
      }
    }

    @Override
    void narrow(KvStrip x, int column, int first, float[] into, int at, int rowStride) {
      for (int i = first; i < x.to; i += 2) {
        long from = x.offset + 2L * i * x.width + 4L * column;
        int j = at + i * rowStride;
        IntVector w = IntVector.fromMemorySegment(I, x.memory, from, ORDER);
        w.lanewise(LSHL, 16)
            .lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, j);
        w.lanewise(ASHR, SHIFT)
            .and(MASK)
            .reinterpretAsFloats()
            .mul(FACTOR)
            .intoArray(into, j + rowStride);
      }
    }
  }

  /** A shift and a mask, and no factor. */
  static final class OfBF16 extends Of16 {
    private static final int MASK = Half.mask(DataType.BF16);

    @Override
    void wide(
        KvStrip x, int column, int first, float[] into, int at, int rowStride, int blockStride) {
      MemorySegment memory = x.memory;
      long from = x.offset + 4L * column;
      int a = at + target(column, blockStride);
      int b = at + target(column + LANES, blockStride);
      int c = at + target(column + 2 * LANES, blockStride);
      int d = at + target(column + 3 * LANES, blockStride);
      int j = first * rowStride;
      long end = from + 2L * STRIP * x.to;
      for (long row = from + 2L * STRIP * first; row < end; row += 4L * STRIP) {
        IntVector w = IntVector.fromMemorySegment(I, memory, row, ORDER);
        w.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(into, a + j);
        w.and(MASK).reinterpretAsFloats().intoArray(into, a + j + rowStride);
        w = IntVector.fromMemorySegment(I, memory, row + BYTES, ORDER);
        w.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(into, b + j);
        w.and(MASK).reinterpretAsFloats().intoArray(into, b + j + rowStride);
        w = IntVector.fromMemorySegment(I, memory, row + 2 * BYTES, ORDER);
        w.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(into, c + j);
        w.and(MASK).reinterpretAsFloats().intoArray(into, c + j + rowStride);
        w = IntVector.fromMemorySegment(I, memory, row + 3 * BYTES, ORDER);
        w.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(into, d + j);
        w.and(MASK).reinterpretAsFloats().intoArray(into, d + j + rowStride);
        j += 2 * rowStride;
      }
    }

    @Override
    void narrow(KvStrip x, int column, int first, float[] into, int at, int rowStride) {
      for (int i = first; i < x.to; i += 2) {
        long from = x.offset + 2L * i * x.width + 4L * column;
        int j = at + i * rowStride;
        IntVector w = IntVector.fromMemorySegment(I, x.memory, from, ORDER);
        w.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(into, j);
        w.and(MASK).reinterpretAsFloats().intoArray(into, j + rowStride);
      }
    }
  }
}
