package io.github.hydragen;

import java.util.Arrays;
import java.util.List;

/**
 * Merges rows of states; the sums are in double, so that the order of many states hardly matters.
 */
final class StateMerger {
  private final List<AttentionState> states;
  private final AttentionState into;
  private final int headDim;
  private final double[] sum;

  StateMerger(List<AttentionState> states, AttentionState into) {
    this.states = states;
    this.into = into;
    this.headDim = Math.toIntExact(into.out().size(into.out().rank() - 1));
    this.sum = new double[headDim];
  }

  void mergeRow(long row) {
    double max = Double.NEGATIVE_INFINITY;
    for (AttentionState state : states) {
      max = Math.max(max, state.lse().get(row));
    }
    Arrays.fill(sum, 0);
    double total = 0;
    if (max != Double.NEGATIVE_INFINITY) {
      for (AttentionState state : states) {
        total += add(state, row, max);
      }
    }
    for (int i = 0; i < headDim; i++) {
      into.out().set(row * headDim + i, total == 0 ? 0 : (float) (sum[i] / total));
    }
    into.lse().set(row, total == 0 ? Float.NEGATIVE_INFINITY : (float) (max + Math.log(total)));
  }

  /** Adds one state's share and returns its weight; an empty state's outputs are not looked at. */
  private double add(AttentionState state, long row, double max) {
    float lse = state.lse().get(row);
    if (lse == Float.NEGATIVE_INFINITY) {
      return 0;
    }
    double weight = Math.exp(lse - max);
    for (int i = 0; i < headDim; i++) {
      sum[i] += weight * state.out().get(row * headDim + i);
    }
    return weight;
  }
}
