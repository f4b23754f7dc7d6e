package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MatrixOps} on vectors: 4 x 4, 4 x 2 or 8 x 1 accumulators of tokens (or elements) by
 * vectors of queries, so that each step of the inner loops is 8 or 16 multiply-adds on 5 to 9
 * loads.
 */
final class VectorMatrixOps implements MatrixOps {
  private static final VectorSpecies<Float> F = VectorSoftmaxOps.F;
  private static final int L = F.length();
  private static final int BLOCK = KvLayout.BLOCK;
  private static final int WIDE = 4 * L;
  private static final int HALF = 2 * L;

  @Override
  public int width(int rows) {
    return rows > HALF ? WIDE : rows > L ? HALF : L;
  }

  @Override
  public int maxWidth() {
    return WIDE;
  }

  @Override
  public void scores(
      int width, float[] q, int qAt, float[] keys, int keyRow, int headDim, int tokens, float[] s) {
    for (int block = 0; block < tokens; block += BLOCK) {
      int k = block * keyRow;
      if (width == WIDE) {
        for (int t = 0; t < BLOCK; t += 4) {
          scores4x4(q, qAt, keys, k + t, headDim, s, (block + t) * WIDE);
        }
      } else if (width == HALF) {
        for (int t = 0; t < BLOCK; t += 4) {
          scores4x2(q, qAt, keys, k + t, headDim, s, (block + t) * HALF);
        }
      } else {
        for (int t = 0; t < BLOCK; t += 8) {
          scores8x1(q, qAt, keys, k + t, headDim, s, (block + t) * L);
        }
      }
    }
  }

  private static void scores4x4(
      float[] q, int qAt, float[] keys, int kAt, int headDim, float[] s, int at) {
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector a2 = FloatVector.zero(F);
    FloatVector a3 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector b2 = FloatVector.zero(F);
    FloatVector b3 = FloatVector.zero(F);
    FloatVector c0 = FloatVector.zero(F);
    FloatVector c1 = FloatVector.zero(F);
    FloatVector c2 = FloatVector.zero(F);
    FloatVector c3 = FloatVector.zero(F);
    FloatVector d0 = FloatVector.zero(F);
    FloatVector d1 = FloatVector.zero(F);
    FloatVector d2 = FloatVector.zero(F);
    FloatVector d3 = FloatVector.zero(F);
    for (int e = 0; e < headDim; e++) {
      int i = qAt + e * WIDE;
      FloatVector q0 = FloatVector.fromArray(F, q, i);
      FloatVector q1 = FloatVector.fromArray(F, q, i + L);
      FloatVector q2 = FloatVector.fromArray(F, q, i + 2 * L);
      FloatVector q3 = FloatVector.fromArray(F, q, i + 3 * L);
      int j = kAt + e * BLOCK;
      FloatVector k = FloatVector.broadcast(F, keys[j]);
      a0 = q0.fma(k, a0);
      a1 = q1.fma(k, a1);
      a2 = q2.fma(k, a2);
      a3 = q3.fma(k, a3);
      k = FloatVector.broadcast(F, keys[j + 1]);
      b0 = q0.fma(k, b0);
      b1 = q1.fma(k, b1);
      b2 = q2.fma(k, b2);
      b3 = q3.fma(k, b3);
      k = FloatVector.broadcast(F, keys[j + 2]);
      c0 = q0.fma(k, c0);
      c1 = q1.fma(k, c1);
      c2 = q2.fma(k, c2);
      c3 = q3.fma(k, c3);
      k = FloatVector.broadcast(F, keys[j + 3]);
      d0 = q0.fma(k, d0);
      d1 = q1.fma(k, d1);
      d2 = q2.fma(k, d2);
      d3 = q3.fma(k, d3);
    }
    a0.intoArray(s, at);
    a1.intoArray(s, at + L);
    a2.intoArray(s, at + 2 * L);
    a3.intoArray(s, at + 3 * L);
    b0.intoArray(s, at + WIDE);
    b1.intoArray(s, at + WIDE + L);
    b2.intoArray(s, at + WIDE + 2 * L);
    b3.intoArray(s, at + WIDE + 3 * L);
    c0.intoArray(s, at + 2 * WIDE);
    c1.intoArray(s, at + 2 * WIDE + L);
    c2.intoArray(s, at + 2 * WIDE + 2 * L);
    c3.intoArray(s, at + 2 * WIDE + 3 * L);
    d0.intoArray(s, at + 3 * WIDE);
    d1.intoArray(s, at + 3 * WIDE + L);
    d2.intoArray(s, at + 3 * WIDE + 2 * L);
    d3.intoArray(s, at + 3 * WIDE + 3 * L);
  }

  private static void scores4x2(
      float[] q, int qAt, float[] keys, int kAt, int headDim, float[] s, int at) {
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = FloatVector.zero(F);
    FloatVector b0 = FloatVector.zero(F);
    FloatVector b1 = FloatVector.zero(F);
    FloatVector c0 = FloatVector.zero(F);
    FloatVector c1 = FloatVector.zero(F);
    FloatVector d0 = FloatVector.zero(F);
    FloatVector d1 = FloatVector.zero(F);
    for (int e = 0; e < headDim; e++) {
      int i = qAt + e * HALF;
      FloatVector q0 = FloatVector.fromArray(F, q, i);
      FloatVector q1 = FloatVector.fromArray(F, q, i + L);
      int j = kAt + e * BLOCK;
      FloatVector k = FloatVector.broadcast(F, keys[j]);
      a0 = q0.fma(k, a0);
      a1 = q1.fma(k, a1);
      k = FloatVector.broadcast(F, keys[j + 1]);
      b0 = q0.fma(k, b0);
      b1 = q1.fma(k, b1);
      k = FloatVector.broadcast(F, keys[j + 2]);
      c0 = q0.fma(k, c0);
      c1 = q1.fma(k, c1);
      k = FloatVector.broadcast(F, keys[j + 3]);
      d0 = q0.fma(k, d0);
      d1 = q1.fma(k, d1);
    }
    a0.intoArray(s, at);
    a1.intoArray(s, at + L);
    b0.intoArray(s, at + HALF);
    b1.intoArray(s, at + HALF + L);
    c0.intoArray(s, at + 2 * HALF);
    c1.intoArray(s, at + 2 * HALF + L);
    d0.intoArray(s, at + 3 * HALF);
    d1.intoArray(s, at + 3 * HALF + L);
  }

  private static void scores8x1(
      float[] q, int qAt, float[] keys, int kAt, int headDim, float[] s, int at) {
    FloatVector a = FloatVector.zero(F);
    FloatVector b = FloatVector.zero(F);
    FloatVector c = FloatVector.zero(F);
    FloatVector d = FloatVector.zero(F);
    FloatVector f = FloatVector.zero(F);
    FloatVector g = FloatVector.zero(F);
    FloatVector h = FloatVector.zero(F);
    FloatVector m = FloatVector.zero(F);
    for (int e = 0; e < headDim; e++) {
      FloatVector x = FloatVector.fromArray(F, q, qAt + e * L);
      int j = kAt + e * BLOCK;
      a = x.fma(FloatVector.broadcast(F, keys[j]), a);
      b = x.fma(FloatVector.broadcast(F, keys[j + 1]), b);
      c = x.fma(FloatVector.broadcast(F, keys[j + 2]), c);
      d = x.fma(FloatVector.broadcast(F, keys[j + 3]), d);
      f = x.fma(FloatVector.broadcast(F, keys[j + 4]), f);
      g = x.fma(FloatVector.broadcast(F, keys[j + 5]), g);
      h = x.fma(FloatVector.broadcast(F, keys[j + 6]), h);
      m = x.fma(FloatVector.broadcast(F, keys[j + 7]), m);
    }
    a.intoArray(s, at);
    b.intoArray(s, at + L);
    c.intoArray(s, at + 2 * L);
    d.intoArray(s, at + 3 * L);
    f.intoArray(s, at + 4 * L);
    g.intoArray(s, at + 5 * L);
    h.intoArray(s, at + 6 * L);
    m.intoArray(s, at + 7 * L);
  }

  @Override
  public void softmax(
      int width, int tokens, float[] s, float[] max, float[] sum, int at, float[] factor) {
    for (int v = 0; v < width; v += L) {
      raiseMax(width, tokens, s, v, max, at, factor);
    }
    for (int i = 0; i < width; i++) {
      factor[i] = Exp2.of(factor[i]);
    }
    for (int v = 0; v < width; v += L) {
      weigh(width, tokens, s, v, max, sum, at, factor);
    }
  }

  /** Compare and blend, four chains at once: see {@link VectorSoftmaxOps#max}. */
  private static void raiseMax(
      int width, int tokens, float[] s, int v, float[] max, int at, float[] change) {
    FloatVector start = FloatVector.fromArray(F, max, at + v);
    FloatVector m0 = start;
    FloatVector m1 = start;
    FloatVector m2 = start;
    FloatVector m3 = start;
    for (int t = 0; t < tokens; t += 4) {
      int i = t * width + v;
      FloatVector x0 = FloatVector.fromArray(F, s, i);
      FloatVector x1 = FloatVector.fromArray(F, s, i + width);
      FloatVector x2 = FloatVector.fromArray(F, s, i + 2 * width);
      FloatVector x3 = FloatVector.fromArray(F, s, i + 3 * width);
      m0 = m0.blend(x0, x0.compare(VectorOperators.GT, m0));
      m1 = m1.blend(x1, x1.compare(VectorOperators.GT, m1));
      m2 = m2.blend(x2, x2.compare(VectorOperators.GT, m2));
      m3 = m3.blend(x3, x3.compare(VectorOperators.GT, m3));
    }
    m0 = m0.blend(m1, m1.compare(VectorOperators.GT, m0));
    m2 = m2.blend(m3, m3.compare(VectorOperators.GT, m2));
    m0 = m0.blend(m2, m2.compare(VectorOperators.GT, m0));
    m0.intoArray(max, at + v);
    start.sub(m0).intoArray(change, v);
  }

  private static void weigh(
      int width, int tokens, float[] s, int v, float[] max, float[] sum, int at, float[] factor) {
    FloatVector shift = FloatVector.fromArray(F, max, at + v);
    FloatVector total =
        FloatVector.fromArray(F, sum, at + v).mul(FloatVector.fromArray(F, factor, v));
    for (int t = 0; t < tokens; t++) {
      int i = t * width + v;
      FloatVector x = FloatVector.fromArray(F, s, i).sub(shift);
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
      y.intoArray(s, i);
      total = total.add(y);
    }
    total.intoArray(sum, at + v);
  }

  /** 0 times what is not finite is NaN. */
  @Override
  public boolean finite(float[] x) {
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < x.length; i += L) {
      sum = sum.add(FloatVector.fromArray(F, x, i).mul(0f));
    }
    return sum.reduceLanes(VectorOperators.ADD) == 0;
  }

  @Override
  public void accumulate(
      int width,
      float[] p,
      int tokens,
      float[] values,
      int elements,
      float[] factor,
      float[] o,
      int oAt) {
    for (int e = 0; e < elements; e += 8) {
      int v = e / BLOCK * KvLayout.VALUE_BLOCK + e % BLOCK;
      if (width == WIDE) {
        accumulate4x4(p, tokens, values, v, factor, o, oAt + e * WIDE);
        accumulate4x4(p, tokens, values, v + 4, factor, o, oAt + (e + 4) * WIDE);
      } else if (width == HALF) {
        accumulate4x2(p, tokens, values, v, factor, o, oAt + e * HALF);
        accumulate4x2(p, tokens, values, v + 4, factor, o, oAt + (e + 4) * HALF);
      } else {
        accumulate8x1(p, tokens, values, v, factor, o, oAt + e * L);
      }
    }
  }

  private static void accumulate4x4(
      float[] p, int tokens, float[] values, int vAt, float[] factor, float[] o, int at) {
    FloatVector f0 = FloatVector.fromArray(F, factor, 0);
    FloatVector f1 = FloatVector.fromArray(F, factor, L);
    FloatVector f2 = FloatVector.fromArray(F, factor, 2 * L);
    FloatVector f3 = FloatVector.fromArray(F, factor, 3 * L);
    FloatVector a0 = FloatVector.fromArray(F, o, at).mul(f0);
    FloatVector a1 = FloatVector.fromArray(F, o, at + L).mul(f1);
    FloatVector a2 = FloatVector.fromArray(F, o, at + 2 * L).mul(f2);
    FloatVector a3 = FloatVector.fromArray(F, o, at + 3 * L).mul(f3);
    FloatVector b0 = FloatVector.fromArray(F, o, at + WIDE).mul(f0);
    FloatVector b1 = FloatVector.fromArray(F, o, at + WIDE + L).mul(f1);
    FloatVector b2 = FloatVector.fromArray(F, o, at + WIDE + 2 * L).mul(f2);
    FloatVector b3 = FloatVector.fromArray(F, o, at + WIDE + 3 * L).mul(f3);
    FloatVector c0 = FloatVector.fromArray(F, o, at + 2 * WIDE).mul(f0);
    FloatVector c1 = FloatVector.fromArray(F, o, at + 2 * WIDE + L).mul(f1);
    FloatVector c2 = FloatVector.fromArray(F, o, at + 2 * WIDE + 2 * L).mul(f2);
    FloatVector c3 = FloatVector.fromArray(F, o, at + 2 * WIDE + 3 * L).mul(f3);
    FloatVector d0 = FloatVector.fromArray(F, o, at + 3 * WIDE).mul(f0);
    FloatVector d1 = FloatVector.fromArray(F, o, at + 3 * WIDE + L).mul(f1);
    FloatVector d2 = FloatVector.fromArray(F, o, at + 3 * WIDE + 2 * L).mul(f2);
    FloatVector d3 = FloatVector.fromArray(F, o, at + 3 * WIDE + 3 * L).mul(f3);
    for (int t = 0; t < tokens; t++) {
      int i = t * WIDE;
      FloatVector p0 = FloatVector.fromArray(F, p, i);
      FloatVector p1 = FloatVector.fromArray(F, p, i + L);
      FloatVector p2 = FloatVector.fromArray(F, p, i + 2 * L);
      FloatVector p3 = FloatVector.fromArray(F, p, i + 3 * L);
      int j = t * BLOCK + vAt;
      FloatVector v = FloatVector.broadcast(F, values[j]);
      a0 = p0.fma(v, a0);
      a1 = p1.fma(v, a1);
      a2 = p2.fma(v, a2);
      a3 = p3.fma(v, a3);
      v = FloatVector.broadcast(F, values[j + 1]);
      b0 = p0.fma(v, b0);
      b1 = p1.fma(v, b1);
      b2 = p2.fma(v, b2);
      b3 = p3.fma(v, b3);
      v = FloatVector.broadcast(F, values[j + 2]);
      c0 = p0.fma(v, c0);
      c1 = p1.fma(v, c1);
      c2 = p2.fma(v, c2);
      c3 = p3.fma(v, c3);
      v = FloatVector.broadcast(F, values[j + 3]);
      d0 = p0.fma(v, d0);
      d1 = p1.fma(v, d1);
      d2 = p2.fma(v, d2);
      d3 = p3.fma(v, d3);
    }
    a0.intoArray(o, at);
    a1.intoArray(o, at + L);
    a2.intoArray(o, at + 2 * L);
    a3.intoArray(o, at + 3 * L);
    b0.intoArray(o, at + WIDE);
    b1.intoArray(o, at + WIDE + L);
    b2.intoArray(o, at + WIDE + 2 * L);
    b3.intoArray(o, at + WIDE + 3 * L);
    c0.intoArray(o, at + 2 * WIDE);
    c1.intoArray(o, at + 2 * WIDE + L);
    c2.intoArray(o, at + 2 * WIDE + 2 * L);
    c3.intoArray(o, at + 2 * WIDE + 3 * L);
    d0.intoArray(o, at + 3 * WIDE);
    d1.intoArray(o, at + 3 * WIDE + L);
    d2.intoArray(o, at + 3 * WIDE + 2 * L);
    d3.intoArray(o, at + 3 * WIDE + 3 * L);
  }

  private static void accumulate4x2(
      float[] p, int tokens, float[] values, int vAt, float[] factor, float[] o, int at) {
    FloatVector f0 = FloatVector.fromArray(F, factor, 0);
    FloatVector f1 = FloatVector.fromArray(F, factor, L);
    FloatVector a0 = FloatVector.fromArray(F, o, at).mul(f0);
    FloatVector a1 = FloatVector.fromArray(F, o, at + L).mul(f1);
    FloatVector b0 = FloatVector.fromArray(F, o, at + HALF).mul(f0);
    FloatVector b1 = FloatVector.fromArray(F, o, at + HALF + L).mul(f1);
    FloatVector c0 = FloatVector.fromArray(F, o, at + 2 * HALF).mul(f0);
    FloatVector c1 = FloatVector.fromArray(F, o, at + 2 * HALF + L).mul(f1);
    FloatVector d0 = FloatVector.fromArray(F, o, at + 3 * HALF).mul(f0);
    FloatVector d1 = FloatVector.fromArray(F, o, at + 3 * HALF + L).mul(f1);
    for (int t = 0; t < tokens; t++) {
      FloatVector p0 = FloatVector.fromArray(F, p, t * HALF);
      FloatVector p1 = FloatVector.fromArray(F, p, t * HALF + L);
      int j = t * BLOCK + vAt;
      FloatVector v = FloatVector.broadcast(F, values[j]);
      a0 = p0.fma(v, a0);
      a1 = p1.fma(v, a1);
      v = FloatVector.broadcast(F, values[j + 1]);
      b0 = p0.fma(v, b0);
      b1 = p1.fma(v, b1);
      v = FloatVector.broadcast(F, values[j + 2]);
      c0 = p0.fma(v, c0);
      c1 = p1.fma(v, c1);
      v = FloatVector.broadcast(F, values[j + 3]);
      d0 = p0.fma(v, d0);
      d1 = p1.fma(v, d1);
    }
    a0.intoArray(o, at);
    a1.intoArray(o, at + L);
    b0.intoArray(o, at + HALF);
    b1.intoArray(o, at + HALF + L);
    c0.intoArray(o, at + 2 * HALF);
    c1.intoArray(o, at + 2 * HALF + L);
    d0.intoArray(o, at + 3 * HALF);
    d1.intoArray(o, at + 3 * HALF + L);
  }

  private static void accumulate8x1(
      float[] p, int tokens, float[] values, int vAt, float[] factor, float[] o, int at) {
    FloatVector f = FloatVector.fromArray(F, factor, 0);
    FloatVector a = FloatVector.fromArray(F, o, at).mul(f);
    FloatVector b = FloatVector.fromArray(F, o, at + L).mul(f);
    FloatVector c = FloatVector.fromArray(F, o, at + 2 * L).mul(f);
    FloatVector d = FloatVector.fromArray(F, o, at + 3 * L).mul(f);
    FloatVector g = FloatVector.fromArray(F, o, at + 4 * L).mul(f);
    FloatVector h = FloatVector.fromArray(F, o, at + 5 * L).mul(f);
    FloatVector m = FloatVector.fromArray(F, o, at + 6 * L).mul(f);
    FloatVector n = FloatVector.fromArray(F, o, at + 7 * L).mul(f);
    for (int t = 0; t < tokens; t++) {
      FloatVector x = FloatVector.fromArray(F, p, t * L);
      int j = t * BLOCK + vAt;
      a = x.fma(FloatVector.broadcast(F, values[j]), a);
      b = x.fma(FloatVector.broadcast(F, values[j + 1]), b);
      c = x.fma(FloatVector.broadcast(F, values[j + 2]), c);
      d = x.fma(FloatVector.broadcast(F, values[j + 3]), d);
      g = x.fma(FloatVector.broadcast(F, values[j + 4]), g);
      h = x.fma(FloatVector.broadcast(F, values[j + 5]), h);
      m = x.fma(FloatVector.broadcast(F, values[j + 6]), m);
      n = x.fma(FloatVector.broadcast(F, values[j + 7]), n);
    }
    a.intoArray(o, at);
    b.intoArray(o, at + L);
    c.intoArray(o, at + 2 * L);
    d.intoArray(o, at + 3 * L);
    g.intoArray(o, at + 4 * L);
    h.intoArray(o, at + 5 * L);
    m.intoArray(o, at + 6 * L);
    n.intoArray(o, at + 7 * L);
  }
}
