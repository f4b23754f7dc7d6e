package io.github.hydragen.examples;

/** What a transformer does to rows besides linear maps and attention. */
final class Rows {
  private static final double EPSILON = 1e-5;
  private static final double ROPE_BASE = 10_000;

  private Rows() {}

  /**
   * Scales each row to a root mean square of 1 (RMSNorm, arXiv:1910.07467).
   *
   * @return new rows
   */
  static float[] normalised(float[] x, int width) {
    float[] y = new float[x.length];
    for (int row = 0; row < x.length; row += width) {
      double squares = 0;
      for (int i = row; i < row + width; i++) {
        squares += (double) x[i] * x[i];
      }
      float factor = (float) (1 / Math.sqrt(squares / width + EPSILON));
      for (int i = row; i < row + width; i++) {
        y[i] = x[i] * factor;
      }
    }
    return y;
  }

  /** Adds {@code y} to {@code x}. */
  static void add(float[] x, float[] y) {
    for (int i = 0; i < x.length; i++) {
      x[i] += y[i];
    }
  }

  /** Multiplies {@code up} by {@code silu(gate)} in place (SwiGLU, arXiv:2002.05202). */
  static void gate(float[] up, float[] gate) {
    for (int i = 0; i < up.length; i++) {
      up[i] *= (float) (gate[i] / (1 + Math.exp(-gate[i])));
    }
  }

  /**
   * Turns each pair of elements of a head by an angle that grows with the position (RoPE,
   * arXiv:2104.09864), in place.
   *
   * @param x [sequences, tokens, heads, headDim]
   * @param tokens tokens of each sequence
   * @param from position of the first of them
   */
  static void rotate(float[] x, int tokens, int heads, int headDim, int from) {
    int row = heads * headDim;
    for (int start = 0; start < x.length; start += row) {
      int position = from + start / row % tokens;
      for (int i = 0; i < row; i += 2) {
        double angle = position * Math.pow(ROPE_BASE, -(double) (i % headDim) / headDim);
        float cos = (float) Math.cos(angle);
        float sin = (float) Math.sin(angle);
        float a = x[start + i];
        float b = x[start + i + 1];
        x[start + i] = a * cos - b * sin;
        x[start + i + 1] = a * sin + b * cos;
      }
    }
  }
}
