package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/**
 * {@link ValueOps} in slices of a value: as many vectors as leave all accumulators in registers,
 * for one, two or four rows.
 */
abstract class SlicedValues implements ValueOps {
  private static final int LANES = VectorSoftmaxOps.F.length();

  /** Elements of a stored value. */
  final int row;

  SlicedValues(KvLayout layout) {
    this.row = layout.valueRow;
  }

  /** Runs {@link #accumulate} for whole words. */
  final void slices(
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
    int widest = rows == 1 ? 8 : rows == 2 ? 1 : 4;
    int slice = 0;
    for (int e = 0; e < row; e += slice * LANES) {
      int left = (row - e) / LANES;
      slice = left >= widest ? widest : left >= 4 && rows != 2 ? 4 : 1;
      long v = offset + 4L * e;
      int out = oAt + e;
      switch (rows * 16 + slice) {
        case 16 + 8 -> accumulate1x8(p, pAt, memory, v, from, to, o, out);
        case 16 + 4 -> accumulate1x4(p, pAt, memory, v, from, to, o, out);
        case 16 + 1 -> accumulate1x1(p, pAt, memory, v, from, to, o, out);
        case 32 + 1 -> accumulate2x1(p, pAt, pStride, memory, v, from, to, o, out);
        case 64 + 4 -> accumulate4x4(p, pAt, pStride, memory, v, from, to, o, out);
        default -> accumulate4x1(p, pAt, pStride, memory, v, from, to, o, out);
      }
    }
  }

  abstract void accumulate1x8(
      float[] p, int pAt, MemorySegment memory, long offset, int from, int to, float[] o, int oAt);

  abstract void accumulate1x4(
      float[] p, int pAt, MemorySegment memory, long offset, int from, int to, float[] o, int oAt);

  abstract void accumulate1x1(
      float[] p, int pAt, MemorySegment memory, long offset, int from, int to, float[] o, int oAt);

  abstract void accumulate2x1(
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt);

  abstract void accumulate4x4(
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt);

  abstract void accumulate4x1(
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt);
}
