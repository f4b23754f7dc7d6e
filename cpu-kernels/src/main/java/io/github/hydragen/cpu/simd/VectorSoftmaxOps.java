package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link SoftmaxOps} on vectors. */
final class VectorSoftmaxOps implements SoftmaxOps {
  /** The machine's preferred vectors, 512 bits at most: a block's 16 tokens fill whole vectors. */
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() <= KvLayout.BLOCK
          ? FloatVector.SPECIES_PREFERRED
          : FloatVector.SPECIES_512;

  private static final int LANES = F.length();
  private static final float MINUS_TWO_LOG2_E = (float) (-2 / Math.log(2));

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
  public float exp2Sum(float[] s, int at, int n, float max, float factor) {
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
      y.mul(factor).intoArray(s, at + i);
      sum = sum.add(y);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }

  /**
   * With {@code t = |x|}: below 1 Lambert's continued fraction {@code t / (1 + t^2 / (3 + t^2 / (5
   * + ...)))} to its 11, else {@code (1 - 2^y) / (1 + 2^y)} with {@code y = -2 t log2 e}, which
   * below would lose digits. One division serves both.
   */
  @Override
  public void tanh(float[] s, int at, int n, float inverse, float factor) {
    for (int i = at; i < at + n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, s, i).mul(inverse);
      FloatVector t = x.abs();
      FloatVector z = t.mul(t);
      FloatVector over = z.fma(FloatVector.broadcast(F, 21f), FloatVector.broadcast(F, 1260f));
      over = over.fma(z, FloatVector.broadcast(F, 10395f)).mul(t);
      FloatVector under = z.add(210f).fma(z, FloatVector.broadcast(F, 4725f));
      under = under.fma(z, FloatVector.broadcast(F, 10395f));
      VectorMask<Float> large = t.compare(VectorOperators.GE, 1f);
      FloatVector y = t.mul(MINUS_TWO_LOG2_E);
      y = y.blend(Exp2.SMALLEST, y.compare(VectorOperators.LT, Exp2.SMALLEST));
      FloatVector rounded = y.add(Exp2.ROUND);
      FloatVector f = y.sub(rounded.sub(Exp2.ROUND));
      IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector p = f.fma(FloatVector.broadcast(F, Exp2.C5), FloatVector.broadcast(F, Exp2.C4));
      p = p.fma(f, FloatVector.broadcast(F, Exp2.C3));
      p = p.fma(f, FloatVector.broadcast(F, Exp2.C2));
      p = p.fma(f, FloatVector.broadcast(F, Exp2.C1));
      p = p.fma(f, FloatVector.broadcast(F, 1f));
      FloatVector e = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
      FloatVector one = FloatVector.broadcast(F, 1f);
      t = over.blend(one.sub(e), large).div(under.blend(e.add(one), large)).mul(factor);
      t.blend(t.neg(), x.compare(VectorOperators.LT, 0f)).intoArray(s, i);
    }
  }

  @Override
  public void scale(float[] x, int at, int n, float factor) {
    for (int i = at; i < at + n; i += LANES) {
      FloatVector.fromArray(F, x, i).mul(factor).intoArray(x, i);
    }
  }
}
