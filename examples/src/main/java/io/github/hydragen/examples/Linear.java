package io.github.hydragen.examples;

import java.util.Random;

/** A linear map without bias: {@code y = W x} for rows x. */
final class Linear {
  private final float[] weights;
  private final int inputs;
  private final int outputs;

  /** Random weights of variance 1 / inputs, which keeps the size of what goes through. */
  Linear(int inputs, int outputs, Random random) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.weights = new float[inputs * outputs];
    double deviation = 1 / Math.sqrt(inputs);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (random.nextGaussian() * deviation);
    }
  }

  /**
   * Maps rows, each by itself: a row's result does not depend on the others.
   *
   * @param x [rows, inputs]
   * @return [rows, outputs]
   */
  float[] apply(float[] x) {
    int rows = x.length / inputs;
    float[] y = new float[rows * outputs];
    for (int row = 0; row < rows; row++) {
      for (int o = 0; o < outputs; o++) {
        float sum = 0;
        for (int i = 0; i < inputs; i++) {
          sum += x[row * inputs + i] * weights[o * inputs + i];
        }
        y[row * outputs + o] = sum;
      }
    }
    return y;
  }

  /** The weights of output {@code o}: a token's embedding, where the map is that to the logits. */
  void copyRow(int o, float[] into, int at) {
    System.arraycopy(weights, o * inputs, into, at, inputs);
  }
}
