package io.github.hydragen.cpu;

import java.util.Arrays;

/**
 * Unnormalised states of all query rows of a call, one slot for each pass that a row may take part
 * in; see {@link RowStates} for what the numbers mean.
 */
final class Partials {
  private final MemoryAccount account;
  private final int headDim;
  private float[][] out = new float[0][];
  private float[][] max = new float[0][];
  private float[][] sum = new float[0][];

  Partials(MemoryAccount account, int headDim) {
    this.account = account;
    this.headDim = headDim;
  }

  /** Makes room for so many slots of so many rows. */
  void reserve(int slots, int rows) {
    if (slots > out.length) {
      out = Arrays.copyOf(out, slots);
      max = Arrays.copyOf(max, slots);
      sum = Arrays.copyOf(sum, slots);
    }
    for (int s = 0; s < slots; s++) {
      if (max[s] == null || max[s].length < rows) {
        account.add(0, -bytes(s));
        out[s] = new float[Math.multiplyExact(rows, headDim)];
        max[s] = new float[rows];
        sum[s] = new float[rows];
        account.add(0, bytes(s));
      }
    }
  }

  private long bytes(int s) {
    return max[s] == null ? 0 : 4L * (out[s].length + 2L * max[s].length);
  }

  /** Frees everything. */
  void clear() {
    for (int s = 0; s < out.length; s++) {
      account.add(0, -bytes(s));
    }
    out = new float[0][];
    max = new float[0][];
    sum = new float[0][];
  }

  void put(int slot, int row, RowOutput state) {
    System.arraycopy(state.out, 0, out[slot], row * headDim, headDim);
    max[slot][row] = state.max;
    sum[slot][row] = state.sum;
  }

  /** Adds a row of a slot to a state: the merge by log-sum-exp. */
  void mergeInto(RowOutput state, int slot, int row) {
    if (sum[slot][row] == 0) {
      return;
    }
    float top = Math.max(state.max, max[slot][row]);
    float mine = Exp2.of(state.max - top);
    float other = Exp2.of(max[slot][row] - top);
    float[] from = out[slot];
    int at = row * headDim;
    for (int e = 0; e < headDim; e++) {
      state.out[e] = state.out[e] * mine + from[at + e] * other;
    }
    state.sum = state.sum * mine + sum[slot][row] * other;
    state.max = top;
  }
}
