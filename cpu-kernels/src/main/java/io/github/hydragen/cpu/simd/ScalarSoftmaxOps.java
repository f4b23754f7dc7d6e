package io.github.hydragen.cpu.simd;

/** The scalar twin of {@link VectorSoftmaxOps}. */
final class ScalarSoftmaxOps implements SoftmaxOps {
  @Override
  public float max(float[] s, int at, int n) {
    float max = s[at];
    for (int i = at + 1; i < at + n; i++) {
      max = s[i] > max ? s[i] : max;
    }
    return max;
  }

  @Override
  public float exp2Sum(float[] s, int at, int n, float max, float factor) {
    float sum = 0;
    for (int i = at; i < at + n; i++) {
      float y = Exp2.of(s[i] - max);
      s[i] = y * factor;
      sum += y;
    }
    return sum;
  }

  @Override
  public void tanh(float[] s, int at, int n, float inverse, float factor) {
    for (int i = at; i < at + n; i++) {
      s[i] = (float) (factor * Math.tanh(s[i] * inverse));
    }
  }

  @Override
  public void scale(float[] x, int at, int n, float factor) {
    for (int i = at; i < at + n; i++) {
      x[i] *= factor;
    }
  }
}
