package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvStrip;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowSums} on vectors: 1, 2 or 4 vectors of weights by 4 vectors of columns, or by 1 where
 * fewer columns are left.
 *
 * <p>The loops by four run over whole strips alone, whose rows lie a constant number of bytes
 * apart: then checks of bounds are few, and nothing is allocated. (A slice of the segment for each
 * row is checked once a row, but is an object: its methods are inlined into the loop, and the
 * object left out, only while the caller has not grown too large.)
 *
 * <p>Where a loop counts bytes from the first row in an int, bounds are checked once, before it;
 * where it counts a long offset, once for each load. A loop over row numbers is unrolled, small as
 * it is, and loads come in no order, which costs a fifth of the speed from memory (ADR 8).
 */
abstract class VectorRowSums implements RowSums {
  static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  static final int LANES = F.length();

  /** Runs {@link #add} for rows {@code from} to {@code to}. */
  final void addRows(
      int weights,
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride) {
    int c = 0;
    for (int end = x.wide(LANES); c < end; c += 4 * LANES) {
      switch (weights) {
        case 1 -> add1x4(w, wAt, x, c, from, to, o, oAt + c);
        case 2 -> add2x4(w, wAt, wStride, x, c, from, to, o, oAt + c, oStride);
        default -> add4x4(w, wAt, wStride, x, c, from, to, o, oAt + c, oStride);
      }
    }
    for (; c < x.columns; c += LANES) {
      switch (weights) {
        case 1 -> add1x1(w, wAt, x, c, from, to, o, oAt + c);
        case 2 -> add2x1(w, wAt, wStride, x, c, from, to, o, oAt + c, oStride);
        default -> add4x1(w, wAt, wStride, x, c, from, to, o, oAt + c, oStride);
      }
    }
  }

  abstract void add1x4(
      float[] w, int wAt, KvStrip x, int column, int from, int to, float[] o, int oAt);

  abstract void add2x4(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride);

  abstract void add4x4(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride);

  abstract void add1x1(
      float[] w, int wAt, KvStrip x, int column, int from, int to, float[] o, int oAt);

  abstract void add2x1(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride);

  abstract void add4x1(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride);
}
