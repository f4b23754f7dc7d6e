package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStrip;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** {@link RowSums} on 32-bit data. */
final class VectorRowSums32 extends VectorRowSums {
  private static final long BYTES = 4L * LANES;

  /** Bytes from a row of a whole strip to the next: a constant, see {@link VectorRowSums}. */
  private static final int ROW = 4 * KvLayout.STRIP;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  @Override
  public float factor() {
    return 1;
  }

  @Override
  public void add(
      int weights, float[] w, int wAt, int wStride, KvStrip x, float[] o, int oAt, int oStride) {
    addRows(weights, w, wAt, wStride, x, x.from, x.to, o, oAt, oStride);
  }

  @Override
  void add1x4(float[] w, int wAt, KvStrip x, int column, int from, int to, float[] o, int oAt) {
    MemorySegment memory = x.memory;
    long at = x.offset + 4L * column + (long) ROW * from;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector a1 = FloatVector.fromArray(F, o, oAt + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, oAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, oAt + 3 * LANES);
    int j = wAt + from;
    for (int p = 0, end = ROW * (to - from); p < end; p += ROW) {
      long row = at + p;
      FloatVector w0 = FloatVector.broadcast(F, w[j]);
      FloatVector v = FloatVector.fromMemorySegment(F, memory, row, ORDER);
      a0 = v.fma(w0, a0);
      v = FloatVector.fromMemorySegment(F, memory, row + BYTES, ORDER);
      a1 = v.fma(w0, a1);
      v = FloatVector.fromMemorySegment(F, memory, row + 2 * BYTES, ORDER);
      a2 = v.fma(w0, a2);
      v = FloatVector.fromMemorySegment(F, memory, row + 3 * BYTES, ORDER);
      a3 = v.fma(w0, a3);
      j++;
    }
    a0.intoArray(o, oAt);
    a1.intoArray(o, oAt + LANES);
    a2.intoArray(o, oAt + 2 * LANES);
    a3.intoArray(o, oAt + 3 * LANES);
  }

  @Override
  void add2x4(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride) {
    MemorySegment memory = x.memory;
    long at = x.offset + 4L * column + (long) ROW * from;
    int o1 = oAt + oStride;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector a1 = FloatVector.fromArray(F, o, oAt + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, oAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, oAt + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(F, o, o1);
    FloatVector b1 = FloatVector.fromArray(F, o, o1 + LANES);
    FloatVector b2 = FloatVector.fromArray(F, o, o1 + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(F, o, o1 + 3 * LANES);
    int j = wAt + from;
    for (int p = 0, end = ROW * (to - from); p < end; p += ROW) {
      long row = at + p;
      FloatVector w0 = FloatVector.broadcast(F, w[j]);
      FloatVector w1 = FloatVector.broadcast(F, w[j + wStride]);
      FloatVector v = FloatVector.fromMemorySegment(F, memory, row, ORDER);
      a0 = v.fma(w0, a0);
      b0 = v.fma(w1, b0);
      v = FloatVector.fromMemorySegment(F, memory, row + BYTES, ORDER);
      a1 = v.fma(w0, a1);
      b1 = v.fma(w1, b1);
      v = FloatVector.fromMemorySegment(F, memory, row + 2 * BYTES, ORDER);
      a2 = v.fma(w0, a2);
      b2 = v.fma(w1, b2);
      v = FloatVector.fromMemorySegment(F, memory, row + 3 * BYTES, ORDER);
      a3 = v.fma(w0, a3);
      b3 = v.fma(w1, b3);
      j++;
    }
    a0.intoArray(o, oAt);
    a1.intoArray(o, oAt + LANES);
    a2.intoArray(o, oAt + 2 * LANES);
    a3.intoArray(o, oAt + 3 * LANES);
    b0.intoArray(o, o1);
    b1.intoArray(o, o1 + LANES);
    b2.intoArray(o, o1 + 2 * LANES);
    b3.intoArray(o, o1 + 3 * LANES);
  }

  @Override
  void add4x4(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride) {
    MemorySegment memory = x.memory;
    long at = x.offset + 4L * column + (long) ROW * from;
    int o1 = oAt + oStride;
    int o2 = oAt + 2 * oStride;
    int o3 = oAt + 3 * oStride;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector a1 = FloatVector.fromArray(F, o, oAt + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, oAt + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, oAt + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(F, o, o1);
    FloatVector b1 = FloatVector.fromArray(F, o, o1 + LANES);
    FloatVector b2 = FloatVector.fromArray(F, o, o1 + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(F, o, o1 + 3 * LANES);
    FloatVector c0 = FloatVector.fromArray(F, o, o2);
    FloatVector c1 = FloatVector.fromArray(F, o, o2 + LANES);
    FloatVector c2 = FloatVector.fromArray(F, o, o2 + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(F, o, o2 + 3 * LANES);
    FloatVector d0 = FloatVector.fromArray(F, o, o3);
    FloatVector d1 = FloatVector.fromArray(F, o, o3 + LANES);
    FloatVector d2 = FloatVector.fromArray(F, o, o3 + 2 * LANES);
    FloatVector d3 = FloatVector.fromArray(F, o, o3 + 3 * LANES);
    int j = wAt + from;
    for (int p = 0, end = ROW * (to - from); p < end; p += ROW) {
      long row = at + p;
      FloatVector w0 = FloatVector.broadcast(F, w[j]);
      FloatVector w1 = FloatVector.broadcast(F, w[j + wStride]);
      FloatVector w2 = FloatVector.broadcast(F, w[j + 2 * wStride]);
      FloatVector w3 = FloatVector.broadcast(F, w[j + 3 * wStride]);
      FloatVector v = FloatVector.fromMemorySegment(F, memory, row, ORDER);
      a0 = v.fma(w0, a0);
      b0 = v.fma(w1, b0);
      c0 = v.fma(w2, c0);
      d0 = v.fma(w3, d0);
      v = FloatVector.fromMemorySegment(F, memory, row + BYTES, ORDER);
      a1 = v.fma(w0, a1);
      b1 = v.fma(w1, b1);
      c1 = v.fma(w2, c1);
      d1 = v.fma(w3, d1);
      v = FloatVector.fromMemorySegment(F, memory, row + 2 * BYTES, ORDER);
      a2 = v.fma(w0, a2);
      b2 = v.fma(w1, b2);
      c2 = v.fma(w2, c2);
      d2 = v.fma(w3, d2);
      v = FloatVector.fromMemorySegment(F, memory, row + 3 * BYTES, ORDER);
      a3 = v.fma(w0, a3);
      b3 = v.fma(w1, b3);
      c3 = v.fma(w2, c3);
      d3 = v.fma(w3, d3);
      j++;
    }
    a0.intoArray(o, oAt);
    a1.intoArray(o, oAt + LANES);
    a2.intoArray(o, oAt + 2 * LANES);
    a3.intoArray(o, oAt + 3 * LANES);
    b0.intoArray(o, o1);
    b1.intoArray(o, o1 + LANES);
    b2.intoArray(o, o1 + 2 * LANES);
    b3.intoArray(o, o1 + 3 * LANES);
    c0.intoArray(o, o2);
    c1.intoArray(o, o2 + LANES);
    c2.intoArray(o, o2 + 2 * LANES);
    c3.intoArray(o, o2 + 3 * LANES);
    d0.intoArray(o, o3);
    d1.intoArray(o, o3 + LANES);
    d2.intoArray(o, o3 + 2 * LANES);
    d3.intoArray(o, o3 + 3 * LANES);
  }

  @Override
  void add1x1(float[] w, int wAt, KvStrip x, int column, int from, int to, float[] o, int oAt) {
    MemorySegment memory = x.memory;
    int width = x.width;
    long at = x.offset + 4L * column;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    for (int i = from; i < to; i++) {
      long row = at + 4L * i * width;
      int j = wAt + i;
      FloatVector w0 = FloatVector.broadcast(F, w[j]);
      FloatVector v = FloatVector.fromMemorySegment(F, memory, row, ORDER);
      a0 = v.fma(w0, a0);
    }
    a0.intoArray(o, oAt);
  }

  @Override
  void add2x1(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride) {
    MemorySegment memory = x.memory;
    int width = x.width;
    long at = x.offset + 4L * column;
    int o1 = oAt + oStride;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector b0 = FloatVector.fromArray(F, o, o1);
    for (int i = from; i < to; i++) {
      long row = at + 4L * i * width;
      int j = wAt + i;
      FloatVector w0 = FloatVector.broadcast(F, w[j]);
      FloatVector w1 = FloatVector.broadcast(F, w[j + wStride]);
      FloatVector v = FloatVector.fromMemorySegment(F, memory, row, ORDER);
      a0 = v.fma(w0, a0);
      b0 = v.fma(w1, b0);
    }
    a0.intoArray(o, oAt);
    b0.intoArray(o, o1);
  }

  @Override
  void add4x1(
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int column,
      int from,
      int to,
      float[] o,
      int oAt,
      int oStride) {
    MemorySegment memory = x.memory;
    int width = x.width;
    long at = x.offset + 4L * column;
    int o1 = oAt + oStride;
    int o2 = oAt + 2 * oStride;
    int o3 = oAt + 3 * oStride;
    FloatVector a0 = FloatVector.fromArray(F, o, oAt);
    FloatVector b0 = FloatVector.fromArray(F, o, o1);
    FloatVector c0 = FloatVector.fromArray(F, o, o2);
    FloatVector d0 = FloatVector.fromArray(F, o, o3);
    for (int i = from; i < to; i++) {
      long row = at + 4L * i * width;
      int j = wAt + i;
      FloatVector w0 = FloatVector.broadcast(F, w[j]);
      FloatVector w1 = FloatVector.broadcast(F, w[j + wStride]);
      FloatVector w2 = FloatVector.broadcast(F, w[j + 2 * wStride]);
      FloatVector w3 = FloatVector.broadcast(F, w[j + 3 * wStride]);
      FloatVector v = FloatVector.fromMemorySegment(F, memory, row, ORDER);
      a0 = v.fma(w0, a0);
      b0 = v.fma(w1, b0);
      c0 = v.fma(w2, c0);
      d0 = v.fma(w3, d0);
    }
    a0.intoArray(o, oAt);
    b0.intoArray(o, o1);
    c0.intoArray(o, o2);
    d0.intoArray(o, o3);
  }
}
