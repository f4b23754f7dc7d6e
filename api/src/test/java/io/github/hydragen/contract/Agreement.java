package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.hydragen.DataType;

/**
 * Compares an answer with the exact one.
 *
 * @param tolerance of outputs and LSE, absolute up to magnitude 1 and relative above
 */
record Agreement(double tolerance) {
  /**
   * Fails with the first element that differs.
   *
   * @param what the case, in words that let it be repeated
   */
  void check(String what, Answer exact, Answer actual) {
    long rows = exact.lse().elements();
    int headDim = (int) exact.out().size(exact.out().rank() - 1);
    double rounding = rounding(actual.out().type());
    for (long row = 0; row < rows; row++) {
      float lse = exact.lse().get(row);
      boolean empty = lse == Float.NEGATIVE_INFINITY;
      compare(what, "lse", row, 0, lse, actual.lse().get(row), empty ? 0 : tolerance);
      for (int e = 0; e < headDim; e++) {
        float expected = exact.out().get(row * headDim + e);
        float got = actual.out().get(row * headDim + e);
        compare(what, "out", row, e, expected, got, empty ? 0 : tolerance + rounding);
      }
    }
  }

  /** The largest relative error of rounding to a type. */
  private static double rounding(DataType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
    };
  }

  private static void compare(
      String what, String tensor, long row, int element, float expected, float got, double limit) {
    if (expected == got) {
      return;
    }
    double error = Math.abs((double) expected - got);
    double allowed = limit * Math.max(1, Math.abs(expected));
    // Written so that NaN fails.
    if (!(error <= allowed)) {
      fail(
          "%s: %s of row %d (token x query head), element %d is %s, not %s: error %.3g, allowed %.3g"
              .formatted(what, tensor, row, element, got, expected, error, allowed));
    }
  }
}
