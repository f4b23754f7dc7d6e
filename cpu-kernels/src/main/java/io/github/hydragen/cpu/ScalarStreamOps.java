package io.github.hydragen.cpu;

/** The scalar twin of {@link VectorStreamOps}. */
final class ScalarStreamOps implements StreamOps {
  private static final int BLOCK = KvLayout.BLOCK;

  @Override
  public void scores(
      int rows, float[] q, int qAt, float[] keys, int headDim, float[] s, int at, int stride) {
    for (int r = 0; r < rows; r++) {
      for (int t = 0; t < BLOCK; t++) {
        float dot = 0;
        for (int e = 0; e < headDim; e++) {
          dot += q[qAt + e * rows + r] * keys[e * BLOCK + t];
        }
        s[at + r * stride + t] = dot;
      }
    }
  }

  @Override
  public float max(float[] s, int at, int n) {
    float max = s[at];
    for (int i = at + 1; i < at + n; i++) {
      max = s[i] > max ? s[i] : max;
    }
    return max;
  }

  @Override
  public float exp2Sum(float[] s, int at, int n, float max) {
    float sum = 0;
    for (int i = at; i < at + n; i++) {
      s[i] = Exp2.of(s[i] - max);
      sum += s[i];
    }
    return sum;
  }

  @Override
  public void scale(float[] x, int at, int n, float factor) {
    for (int i = at; i < at + n; i++) {
      x[i] *= factor;
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
    for (int r = 0; r < rows; r++) {
      int out = oAt + r * row;
      for (int t = from; t < to; t++) {
        float weight = p[pAt + r * pStride + t];
        for (int e = 0; e < row; e++) {
          o[out + e] += weight * values[t * row + e];
        }
      }
    }
  }
}
