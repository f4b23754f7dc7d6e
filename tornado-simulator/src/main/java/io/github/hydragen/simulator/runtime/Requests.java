package io.github.hydragen.simulator.runtime;

import java.util.Arrays;

/**
 * What the lanes of a warp did with one array at one instruction since they last waited for each
 * other: row n holds the n-th element index of each lane, and makes up one request.
 */
final class Requests {
  private static final int NOTHING = -1;
  private static final int INITIAL_ROWS = 16;

  private int[] indices = new int[INITIAL_ROWS * Warp.LANES];
  private int rows;
  private int lane = NOTHING;
  private int row;

  Requests() {
    Arrays.fill(indices, NOTHING);
  }

  boolean isEmpty() {
    return rows == 0;
  }

  /** Adds the next access of a lane. Lanes run one after another. */
  void add(int accessingLane, int index) {
    if (accessingLane != lane) {
      lane = accessingLane;
      row = 0;
    }
    int slot = row * Warp.LANES + lane;
    if (slot >= indices.length) {
      int before = indices.length;
      indices = Arrays.copyOf(indices, 2 * before);
      Arrays.fill(indices, before, indices.length, NOTHING);
    }
    indices[slot] = index;
    row++;
    rows = Math.max(rows, row);
  }

  int rows() {
    return rows;
  }

  /** Copies the element indices of a request to {@code target}; returns how many there are. */
  int copyRow(int number, long[] target) {
    int count = 0;
    for (int i = number * Warp.LANES; i < (number + 1) * Warp.LANES; i++) {
      if (indices[i] != NOTHING) {
        target[count++] = indices[i];
      }
    }
    return count;
  }

  void clear() {
    Arrays.fill(indices, 0, rows * Warp.LANES, NOTHING);
    rows = 0;
    lane = NOTHING;
  }
}
