package io.github.hydragen.cpu.simd;

/** The loops over a row of scores; {@code n} is a multiple of 16. */
public interface SoftmaxOps {
  /** The largest of {@code n} elements. */
  float max(float[] s, int at, int n);

  /**
   * Replaces {@code n} elements by {@code factor * 2^(s - max)}, 0 below {@code factor * 2^-127}.
   *
   * @return the sum, without the factor
   */
  float exp2Sum(float[] s, int at, int n, float max, float factor);

  /** Replaces {@code n} elements by {@code factor * tanh(s * inverse)}. */
  void tanh(float[] s, int at, int n, float inverse, float factor);

  /** Multiplies {@code n} elements. */
  void scale(float[] x, int at, int n, float factor);
}
