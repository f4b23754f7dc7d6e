package io.github.hydragen.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link StreamOps} on vectors of 128 to 512 bits. */
final class VectorStreamOps implements StreamOps {
  /** The machine's preferred vectors, 512 bits at most: a block's 16 tokens fill whole vectors. */
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() <= KvLayout.BLOCK
          ? FloatVector.SPECIES_PREFERRED
          : FloatVector.SPECIES_512;

  private static final int LANES = F.length();
  private static final int BLOCK = KvLayout.BLOCK;

  @Override
  public void scores(
      int rows, float[] q, int qAt, float[] keys, int headDim, float[] s, int at, int stride) {
    switch (rows) {
      case 1 -> scores1(q, qAt, keys, headDim, s, at);
      case 2 -> scores2(q, qAt, keys, headDim, s, at, stride);
      default -> scores4(q, qAt, keys, headDim, s, at, stride);
    }
  }

  private static void scores1(float[] q, int qAt, float[] keys, int headDim, float[] s, int at) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector a2 = FloatVector.zero(F);
      FloatVector a3 = FloatVector.zero(F);
      int e = 0;
      for (; e < headDim - 3; e += 4) {
        int k = e * BLOCK + t;
        a0 = FloatVector.fromArray(F, keys, k).fma(FloatVector.broadcast(F, q[qAt + e]), a0);
        a1 =
            FloatVector.fromArray(F, keys, k + BLOCK)
                .fma(FloatVector.broadcast(F, q[qAt + e + 1]), a1);
        a2 =
            FloatVector.fromArray(F, keys, k + 2 * BLOCK)
                .fma(FloatVector.broadcast(F, q[qAt + e + 2]), a2);
        a3 =
            FloatVector.fromArray(F, keys, k + 3 * BLOCK)
                .fma(FloatVector.broadcast(F, q[qAt + e + 3]), a3);
      }
      for (; e < headDim; e++) {
        a0 =
            FloatVector.fromArray(F, keys, e * BLOCK + t)
                .fma(FloatVector.broadcast(F, q[qAt + e]), a0);
      }
      a0.add(a1).add(a2.add(a3)).intoArray(s, at + t);
    }
  }

  private static void scores2(
      float[] q, int qAt, float[] keys, int headDim, float[] s, int at, int stride) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector b0 = FloatVector.zero(F);
      FloatVector b1 = FloatVector.zero(F);
      int e = 0;
      for (; e < headDim - 1; e += 2) {
        FloatVector k0 = FloatVector.fromArray(F, keys, e * BLOCK + t);
        FloatVector k1 = FloatVector.fromArray(F, keys, e * BLOCK + BLOCK + t);
        int i = qAt + 2 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[i]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[i + 1]), b0);
        a1 = k1.fma(FloatVector.broadcast(F, q[i + 2]), a1);
        b1 = k1.fma(FloatVector.broadcast(F, q[i + 3]), b1);
      }
      if (e < headDim) {
        FloatVector k0 = FloatVector.fromArray(F, keys, e * BLOCK + t);
        a0 = k0.fma(FloatVector.broadcast(F, q[qAt + 2 * e]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[qAt + 2 * e + 1]), b0);
      }
      a0.add(a1).intoArray(s, at + t);
      b0.add(b1).intoArray(s, at + stride + t);
    }
  }

  private static void scores4(
      float[] q, int qAt, float[] keys, int headDim, float[] s, int at, int stride) {
    for (int t = 0; t < BLOCK; t += LANES) {
      FloatVector a0 = FloatVector.zero(F);
      FloatVector a1 = FloatVector.zero(F);
      FloatVector b0 = FloatVector.zero(F);
      FloatVector b1 = FloatVector.zero(F);
      FloatVector c0 = FloatVector.zero(F);
      FloatVector c1 = FloatVector.zero(F);
      FloatVector d0 = FloatVector.zero(F);
      FloatVector d1 = FloatVector.zero(F);
      int e = 0;
      for (; e < headDim - 1; e += 2) {
        FloatVector k0 = FloatVector.fromArray(F, keys, e * BLOCK + t);
        FloatVector k1 = FloatVector.fromArray(F, keys, e * BLOCK + BLOCK + t);
        int i = qAt + 4 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[i]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[i + 1]), b0);
        c0 = k0.fma(FloatVector.broadcast(F, q[i + 2]), c0);
        d0 = k0.fma(FloatVector.broadcast(F, q[i + 3]), d0);
        a1 = k1.fma(FloatVector.broadcast(F, q[i + 4]), a1);
        b1 = k1.fma(FloatVector.broadcast(F, q[i + 5]), b1);
        c1 = k1.fma(FloatVector.broadcast(F, q[i + 6]), c1);
        d1 = k1.fma(FloatVector.broadcast(F, q[i + 7]), d1);
      }
      if (e < headDim) {
        FloatVector k0 = FloatVector.fromArray(F, keys, e * BLOCK + t);
        int i = qAt + 4 * e;
        a0 = k0.fma(FloatVector.broadcast(F, q[i]), a0);
        b0 = k0.fma(FloatVector.broadcast(F, q[i + 1]), b0);
        c0 = k0.fma(FloatVector.broadcast(F, q[i + 2]), c0);
        d0 = k0.fma(FloatVector.broadcast(F, q[i + 3]), d0);
      }
      a0.add(a1).intoArray(s, at + t);
      b0.add(b1).intoArray(s, at + stride + t);
      c0.add(c1).intoArray(s, at + 2 * stride + t);
      d0.add(d1).intoArray(s, at + 3 * stride + t);
    }
  }

  /**
   * Compare and blend: {@code FloatVector.max} obeys Math.max's rules for zeros, which cost more.
   */
  @Override
  public float max(float[] s, int at, int n) {
    FloatVector max = FloatVector.fromArray(F, s, at);
    for (int i = LANES; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, s, at + i);
      max = max.blend(x, x.compare(VectorOperators.GT, max));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  @Override
  public float exp2Sum(float[] s, int at, int n, float max) {
    FloatVector shift = FloatVector.broadcast(F, max);
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, s, at + i).sub(shift);
      VectorMask<Float> tiny = x.compare(VectorOperators.LT, Exp2.SMALLEST);
      x = x.blend(Exp2.SMALLEST, tiny);
      FloatVector rounded = x.add(Exp2.ROUND);
      FloatVector f = x.sub(rounded.sub(Exp2.ROUND));
      IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector p = f.fma(FloatVector.broadcast(F, Exp2.C5), FloatVector.broadcast(F, Exp2.C4));
      p = p.fma(f, FloatVector.broadcast(F, Exp2.C3));
      p = p.fma(f, FloatVector.broadcast(F, Exp2.C2));
      p = p.fma(f, FloatVector.broadcast(F, Exp2.C1));
      p = p.fma(f, FloatVector.broadcast(F, 1f));
      FloatVector y = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
      y.intoArray(s, at + i);
      sum = sum.add(y);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  @Override
  public void scale(float[] x, int at, int n, float factor) {
    for (int i = at; i < at + n; i += LANES) {
      FloatVector.fromArray(F, x, i).mul(factor).intoArray(x, i);
    }
  }

  @Override
  public void accumulate(
      int rows,
      float[] p,
      int pAt,
      int pStride,
      float[] values,
      int row,
      int from,
      int to,
      float[] o,
      int oAt) {
    int vectors = row / LANES;
    switch (rows) {
      case 1 -> {
        int v = 0;
        for (; v + 8 <= vectors; v += 8) {
          accumulate1x8(p, pAt, values, row, v * LANES, from, to, o, oAt);
        }
        for (; v < vectors; v += 2) {
          int left = Math.min(2, vectors - v);
          accumulate1(p, pAt, values, row, v * LANES, left, from, to, o, oAt);
        }
      }
      case 2 -> {
        for (int v = 0; v < vectors; v++) {
          accumulate2(p, pAt, pStride, values, row, v * LANES, from, to, o, oAt);
        }
      }
      default -> {
        int v = 0;
        for (; v + 4 <= vectors; v += 4) {
          accumulate4x4(p, pAt, pStride, values, row, v * LANES, from, to, o, oAt);
        }
        for (; v < vectors; v++) {
          accumulate4(p, pAt, pStride, values, row, v * LANES, from, to, o, oAt);
        }
      }
    }
  }

  private static void accumulate1x8(
      float[] p, int pAt, float[] values, int row, int e, int from, int to, float[] o, int oAt) {
    int out = oAt + e;
    FloatVector a0 = FloatVector.fromArray(F, o, out);
    FloatVector a1 = FloatVector.fromArray(F, o, out + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, out + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, out + 3 * LANES);
    FloatVector a4 = FloatVector.fromArray(F, o, out + 4 * LANES);
    FloatVector a5 = FloatVector.fromArray(F, o, out + 5 * LANES);
    FloatVector a6 = FloatVector.fromArray(F, o, out + 6 * LANES);
    FloatVector a7 = FloatVector.fromArray(F, o, out + 7 * LANES);
    for (int t = from; t < to; t++) {
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      int i = t * row + e;
      a0 = FloatVector.fromArray(F, values, i).fma(w, a0);
      a1 = FloatVector.fromArray(F, values, i + LANES).fma(w, a1);
      a2 = FloatVector.fromArray(F, values, i + 2 * LANES).fma(w, a2);
      a3 = FloatVector.fromArray(F, values, i + 3 * LANES).fma(w, a3);
      a4 = FloatVector.fromArray(F, values, i + 4 * LANES).fma(w, a4);
      a5 = FloatVector.fromArray(F, values, i + 5 * LANES).fma(w, a5);
      a6 = FloatVector.fromArray(F, values, i + 6 * LANES).fma(w, a6);
      a7 = FloatVector.fromArray(F, values, i + 7 * LANES).fma(w, a7);
    }
    a0.intoArray(o, out);
    a1.intoArray(o, out + LANES);
    a2.intoArray(o, out + 2 * LANES);
    a3.intoArray(o, out + 3 * LANES);
    a4.intoArray(o, out + 4 * LANES);
    a5.intoArray(o, out + 5 * LANES);
    a6.intoArray(o, out + 6 * LANES);
    a7.intoArray(o, out + 7 * LANES);
  }

  /** One or two vectors of one row. */
  private static void accumulate1(
      float[] p,
      int pAt,
      float[] values,
      int row,
      int e,
      int vectors,
      int from,
      int to,
      float[] o,
      int oAt) {
    int second = vectors == 2 ? LANES : 0;
    int out = oAt + e;
    FloatVector a0 = FloatVector.fromArray(F, o, out);
    FloatVector a1 = FloatVector.fromArray(F, o, out + second);
    for (int t = from; t < to; t++) {
      FloatVector w = FloatVector.broadcast(F, p[pAt + t]);
      int i = t * row + e;
      a0 = FloatVector.fromArray(F, values, i).fma(w, a0);
      a1 = FloatVector.fromArray(F, values, i + second).fma(w, a1);
    }
    a0.intoArray(o, out);
    a1.intoArray(o, out + second);
  }

  private static void accumulate2(
      float[] p,
      int pAt,
      int pStride,
      float[] values,
      int row,
      int e,
      int from,
      int to,
      float[] o,
      int oAt) {
    int out = oAt + e;
    FloatVector a = FloatVector.fromArray(F, o, out);
    FloatVector b = FloatVector.fromArray(F, o, out + row);
    for (int t = from; t < to; t++) {
      FloatVector v = FloatVector.fromArray(F, values, t * row + e);
      a = v.fma(FloatVector.broadcast(F, p[pAt + t]), a);
      b = v.fma(FloatVector.broadcast(F, p[pAt + pStride + t]), b);
    }
    a.intoArray(o, out);
    b.intoArray(o, out + row);
  }

  private static void accumulate4(
      float[] p,
      int pAt,
      int pStride,
      float[] values,
      int row,
      int e,
      int from,
      int to,
      float[] o,
      int oAt) {
    int out = oAt + e;
    FloatVector a = FloatVector.fromArray(F, o, out);
    FloatVector b = FloatVector.fromArray(F, o, out + row);
    FloatVector c = FloatVector.fromArray(F, o, out + 2 * row);
    FloatVector d = FloatVector.fromArray(F, o, out + 3 * row);
    for (int t = from; t < to; t++) {
      FloatVector v = FloatVector.fromArray(F, values, t * row + e);
      int i = pAt + t;
      a = v.fma(FloatVector.broadcast(F, p[i]), a);
      b = v.fma(FloatVector.broadcast(F, p[i + pStride]), b);
      c = v.fma(FloatVector.broadcast(F, p[i + 2 * pStride]), c);
      d = v.fma(FloatVector.broadcast(F, p[i + 3 * pStride]), d);
    }
    a.intoArray(o, out);
    b.intoArray(o, out + row);
    c.intoArray(o, out + 2 * row);
    d.intoArray(o, out + 3 * row);
  }

  private static void accumulate4x4(
      float[] p,
      int pAt,
      int pStride,
      float[] values,
      int row,
      int e,
      int from,
      int to,
      float[] o,
      int oAt) {
    int a = oAt + e;
    int b = a + row;
    int c = b + row;
    int d = c + row;
    FloatVector a0 = FloatVector.fromArray(F, o, a);
    FloatVector a1 = FloatVector.fromArray(F, o, a + LANES);
    FloatVector a2 = FloatVector.fromArray(F, o, a + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(F, o, a + 3 * LANES);
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
    for (int t = from; t < to; t++) {
      int v = t * row + e;
      FloatVector v0 = FloatVector.fromArray(F, values, v);
      FloatVector v1 = FloatVector.fromArray(F, values, v + LANES);
      FloatVector v2 = FloatVector.fromArray(F, values, v + 2 * LANES);
      FloatVector v3 = FloatVector.fromArray(F, values, v + 3 * LANES);
      int i = pAt + t;
      FloatVector w = FloatVector.broadcast(F, p[i]);
      a0 = v0.fma(w, a0);
      a1 = v1.fma(w, a1);
      a2 = v2.fma(w, a2);
      a3 = v3.fma(w, a3);
      w = FloatVector.broadcast(F, p[i + pStride]);
      b0 = v0.fma(w, b0);
      b1 = v1.fma(w, b1);
      b2 = v2.fma(w, b2);
      b3 = v3.fma(w, b3);
      w = FloatVector.broadcast(F, p[i + 2 * pStride]);
      c0 = v0.fma(w, c0);
      c1 = v1.fma(w, c1);
      c2 = v2.fma(w, c2);
      c3 = v3.fma(w, c3);
      w = FloatVector.broadcast(F, p[i + 3 * pStride]);
      d0 = v0.fma(w, d0);
      d1 = v1.fma(w, d1);
      d2 = v2.fma(w, d2);
      d3 = v3.fma(w, d3);
    }
    a0.intoArray(o, a);
    a1.intoArray(o, a + LANES);
    a2.intoArray(o, a + 2 * LANES);
    a3.intoArray(o, a + 3 * LANES);
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
}
