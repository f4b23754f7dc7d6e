package io.github.hydragen.cpu.kernel;

import java.util.Arrays;

/**
 * Unnormalised attention states of rows in base 2: {@code sum = sum_j 2^(s_j - max)} and {@code out
 * = sum_j 2^(s_j - max) v_j}. A row that has seen no key has sum 0 and max -infinity.
 */
final class RowStates {
  final float[] max;
  final float[] sum;
  final float[] out;
  private final int row;

  RowStates(int rows, int row) {
    this.row = row;
    this.max = new float[rows];
    this.sum = new float[rows];
    this.out = new float[rows * row];
  }

  void clear(int rows) {
    Arrays.fill(max, 0, rows, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0, rows, 0);
    Arrays.fill(out, 0, rows * row, 0);
  }

  long bytes() {
    return 4L * (max.length + sum.length + out.length);
  }
}
