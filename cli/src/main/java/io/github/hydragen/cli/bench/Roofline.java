package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionShape;

/**
 * What a machine can do at best, as measured on it.
 *
 * <p>A pass over {@code keys} keys with {@code queries} query rows takes at least the longer of its
 * arithmetic, {@code 4 * queries * keys * headDim} operations (two products of a multiplication and
 * an addition each), and its traffic, every stored key and value once. A step takes at least the
 * sum of its passes.
 *
 * @param flopsPerSecond fp32 multiplications and additions
 * @param bytesPerSecond read from memory
 */
record Roofline(double flopsPerSecond, double bytesPerSecond) {
  /** The least microseconds of a step that attends to a suffix of {@code length} tokens. */
  double stepMicros(Workload workload, Method method, int length) {
    AttentionShape shape = workload.shape();
    double rows = (double) workload.batch() * shape.queryHeads();
    if (method == Method.FLASH) {
      int keys = workload.prefix() + length;
      return passMicros(workload, rows * keys, (double) workload.batch() * keys);
    }
    return passMicros(workload, rows * workload.prefix(), workload.prefix())
        + passMicros(workload, rows * length, (double) workload.batch() * length);
  }

  private double passMicros(Workload workload, double scores, double tokensRead) {
    double arithmetic = 4 * scores * workload.shape().headDim() / flopsPerSecond;
    double traffic = tokensRead * workload.tokenBytes() / bytesPerSecond;
    return 1e6 * Math.max(arithmetic, traffic);
  }

  /** The part of the limit that a whole run reaches, 0 to 1 (above 1 if the limits are wrong). */
  double fraction(Workload workload, Method method, double totalSeconds) {
    double least = 0;
    for (int length = 1; length <= workload.output(); length++) {
      least += stepMicros(workload, method, length);
    }
    return least / (1e6 * totalSeconds);
  }
}
