package io.github.hydragen.cpu;

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

  @Override
  public void scale(float[] x, int at, int n, float factor) {
    for (int i = at; i < at + n; i += LANES) {
      FloatVector.fromArray(F, x, i).mul(factor).intoArray(x, i);
    }
  }
}
