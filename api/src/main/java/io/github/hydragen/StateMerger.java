package io.github.hydragen;

import java.util.Arrays;
import java.util.List;

/**
 * Merges rows of states; the sums are in double, so that the order of many states hardly matters.
 */
final class StateMerger {
  private final List<AttentionState> states;
  private final AttentionState into;
  private final float[] row;
  private final double[] sum;

  StateMerger(List<AttentionState> states, AttentionState into) {
    this.states = states;
    this.into = into;
    this.row = new float[Math.toIntExact(into.out().size(into.out().rank() - 1))];
    this.sum = new double[row.length];
  }

  /** Merges rows {@code from} (inclusive) to {@code to} (exclusive); a row is one LSE. */
  void merge(long from, long to) {
    for (long i = from; i < to; i++) {
      mergeRow(i);
    }
  }

  private void mergeRow(long index) {
    double max = Double.NEGATIVE_INFINITY;
    for (AttentionState state : states) {
      max = Math.max(max, state.lse().get(index));
    }
    if (max == Double.NEGATIVE_INFINITY) {
      Arrays.fill(row, 0);
      into.out().set(index * row.length, row);
      into.lse().set(index, Float.NEGATIVE_INFINITY);
      return;
    }
    Arrays.fill(sum, 0);
    double total = 0;
    for (AttentionState state : states) {
      total += add(state, index, max);
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) (sum[i] / total);
    }
    into.out().set(index * row.length, row);
    into.lse().set(index, (float) (max + Math.log(total)));
  }

  /** Adds one state's share and returns its weight; an empty state's outputs are not looked at. */
  private double add(AttentionState state, long index, double max) {
    float lse = state.lse().get(index);
    if (lse == Float.NEGATIVE_INFINITY) {
      return 0;
    }
    double weight = Math.exp(lse - max);
    state.out().get(index * row.length, row);
    for (int i = 0; i < row.length; i++) {
      sum[i] += weight * row[i];
    }
    return weight;
  }
}
