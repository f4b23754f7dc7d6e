package io.github.hydragen.cli.check;

import io.github.hydragen.Tensor;

/**
 * The largest differences from the exact reference.
 *
 * @param out largest absolute difference of an output element
 * @param lse largest absolute difference of a log-sum-exp
 * @param relative largest difference of either, divided by max(1, |exact|): what a tolerance bounds
 */
public record WorstError(double out, double lse, double relative) {
  /** No difference. */
  public static final WorstError NONE = new WorstError(0, 0, 0);

  /** The larger of both, each by itself. */
  public WorstError max(WorstError other) {
    return new WorstError(
        Math.max(out, other.out), Math.max(lse, other.lse), Math.max(relative, other.relative));
  }

  /** Infinite if any element of a result is no number. */
  public static WorstError ofNumbers(Tensor result) {
    for (long i = 0; i < result.elements(); i++) {
      if (Float.isNaN(result.get(i))) {
        return new WorstError(
            Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
      }
    }
    return NONE;
  }

  /** Of an output element; not a number counts as infinitely wrong. */
  static WorstError ofOut(double actual, double exact) {
    double difference = difference(actual, exact);
    return new WorstError(difference, 0, difference / Math.max(1, Math.abs(exact)));
  }

  /** Of a log-sum-exp; it is -infinity where no key is visible. */
  static WorstError ofLse(double actual, double exact) {
    double difference = difference(actual, exact);
    double magnitude = Double.isInfinite(exact) ? 1 : Math.max(1, Math.abs(exact));
    return new WorstError(0, difference, difference / magnitude);
  }

  private static double difference(double actual, double exact) {
    if (actual == exact) {
      return 0;
    }
    double difference = Math.abs(actual - exact);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
