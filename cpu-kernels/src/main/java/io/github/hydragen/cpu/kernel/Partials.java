package io.github.hydragen.cpu.kernel;

import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.simd.Exp2;
import io.github.hydragen.spi.HostMemory;
import java.util.Arrays;

/**
 * Unnormalised states of all query rows of a call, one slot for each pass that a row may take part
 * in; see {@link RowStates} for what the numbers mean.
 */
public final class Partials {
  /**
   * A row's maximum and sum lie behind it: in arrays of their own, workers that write neighbouring
   * rows would pass each line to and fro.
   */
  private static final int BESIDE = 2;

  /** No state's sum. */
  private static final float DONE = -1;

  private static final float[] EMPTY = {};

  private final MemoryAccount account;
  private final int headDim;
  private final int tokenRows;
  private final int stride;
  private float[][] slots = new float[0][];

  /**
   * Without any slot.
   *
   * @param tokenRows rows of a query token
   */
  public Partials(MemoryAccount account, int headDim, int tokenRows) {
    this.account = account;
    this.headDim = headDim;
    this.tokenRows = tokenRows;
    this.stride = headDim + BESIDE;
  }

  /** The most rows that an array can hold. */
  public static int mostRows(int headDim) {
    return (Integer.MAX_VALUE - 8) / (headDim + BESIDE);
  }

  /**
   * Makes room for so many slots of so many rows.
   *
   * @throws io.github.hydragen.InsufficientMemoryException before anything is allocated
   */
  public void reserve(int count, int rows) {
    int floats = Math.multiplyExact(rows, stride);
    int missing = missing(count, floats);
    if (missing > 0) {
      HostMemory.requireHeap(
          "a call of " + rows / tokenRows + " query tokens", missing * 4L * floats);
      grow(count, floats);
    }
  }

  /** Slots that do not have so many floats. */
  private int missing(int count, int floats) {
    int missing = Math.max(0, count - slots.length);
    for (int s = 0; s < Math.min(count, slots.length); s++) {
      missing += slots[s].length < floats ? 1 : 0;
    }
    return missing;
  }

  private void grow(int count, int floats) {
    if (count > slots.length) {
      int had = slots.length;
      slots = Arrays.copyOf(slots, count);
      Arrays.fill(slots, had, count, EMPTY);
    }
    for (int s = 0; s < count; s++) {
      if (slots[s].length < floats) {
        // Counted only once it is there: an allocation may fail.
        float[] larger = new float[floats];
        account.add(0, 4L * (floats - slots[s].length));
        slots[s] = larger;
      }
    }
  }

  /** Frees everything. */
  public void clear() {
    for (float[] slot : slots) {
      account.add(0, -4L * slot.length);
    }
    slots = new float[0][];
  }

  /** Leaves a row's state in a slot. */
  public void put(int slot, int row, RowOutput state) {
    float[] to = slots[slot];
    int at = row * stride;
    System.arraycopy(state.out, 0, to, at, headDim);
    to[at + headDim] = state.max;
    to[at + headDim + 1] = state.sum;
  }

  /** Leaves instead of a state that its row is done with. */
  public void putDone(int slot, int row) {
    slots[slot][row * stride + headDim + 1] = DONE;
  }

  /** Whether {@link #putDone} has said so of a row. */
  public boolean isDone(int slot, int row) {
    return slots[slot][row * stride + headDim + 1] == DONE;
  }

  /** Adds a row of a slot to a state: the merge by log-sum-exp. */
  public void mergeInto(RowOutput state, int slot, int row) {
    float[] from = slots[slot];
    int at = row * stride;
    float max = from[at + headDim];
    float sum = from[at + headDim + 1];
    if (sum == 0) {
      return;
    }
    float top = Math.max(state.max, max);
    float mine = Exp2.of(state.max - top);
    float other = Exp2.of(max - top);
    for (int e = 0; e < headDim; e++) {
      state.out[e] = state.out[e] * mine + from[at + e] * other;
    }
    state.sum = state.sum * mine + sum * other;
    state.max = top;
  }
}
