package io.github.hydragen.benchmarks.compare;

import java.util.Arrays;

/** Measurements of one thing. */
final class Sample {
  private double[] values = new double[16];
  private int count;

  void add(double value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  int count() {
    return count;
  }

  /**
   * A percentile, on the line through the two nearest ranks.
   *
   * @param share 0 to 1, 0.5 for the median
   * @throws IllegalStateException if there is no measurement
   */
  double percentile(double share) {
    if (count == 0) {
      throw new IllegalStateException("nothing was measured");
    }
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    double rank = share * (count - 1);
    int below = (int) rank;
    int above = Math.min(count - 1, below + 1);
    return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
  }

  double median() {
    return percentile(0.5);
  }
}
