package io.github.hydragen.benchmarks.sharing;

import java.util.Arrays;

/**
 * A median with bounds that hold for at least 95 of 100 samples, whatever the distribution: order
 * statistics, by the binomial distribution of how many of a sample lie below the true median.
 *
 * @param median of the sample
 * @param low lower bound of the true median
 * @param high upper bound of the true median
 */
record MedianInterval(double median, double low, double high) {
  private static final double MOST_OUTSIDE = 0.05;

  /** Of a sample of one or more; with fewer than six, the bounds are its extremes. */
  static MedianInterval of(double[] sample) {
    double[] sorted = sample.clone();
    Arrays.sort(sorted);
    int skip = skipped(sorted.length);
    return new MedianInterval(median(sorted), sorted[skip], sorted[sorted.length - 1 - skip]);
  }

  static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** How many of so many values can be left out at either end. */
  private static int skipped(int count) {
    double term = Math.pow(0.5, count);
    double below = term;
    int skip = 0;
    while (true) {
      term *= (double) (count - skip) / (skip + 1);
      below += term;
      if (2 * below > MOST_OUTSIDE) {
        return skip;
      }
      skip++;
    }
  }
}
