package io.github.hydragen.tornado;

import io.github.hydragen.tornado.kernels.MatrixPass;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A tile of {@link PackedKeys}, made of the tokens of a store. Loops are over the elements of a
 * head and small, so that they become vector instructions where the JIT compiler can.
 */
final class PackedTile {
  private static final int KEYS = MatrixPass.KEYS;

  /** Rows, and columns, of a matrix, and its numbers. */
  private static final int EDGE = 8;

  private static final int MATRIX = EDGE * EDGE;

  private final Layout layout;
  private final KvStore store;
  private final int heads;
  private final int dim;
  private final int first;
  private final int end;
  private final float[] row;
  private final short[] halves;
  private final short[] numbers;

  /**
   * A tile.
   *
   * @param tokens of the store; what the tile has beyond them is zeros
   */
  PackedTile(Layout layout, KvStore store, int tile, int tokens) {
    this.layout = layout;
    this.store = store;
    heads = layout.shape().kvHeads();
    dim = layout.paddedDim();
    first = tile * KEYS;
    end = Math.min(tokens, first + KEYS);
    row = new float[dim];
    halves = new short[dim];
    numbers = new short[KEYS * dim];
  }

  /** The largest absolute numbers of the keys and of the values of each head, [heads, 2]. */
  float[] largest() {
    float[] largest = new float[2 * heads];
    float[] most = new float[dim];
    for (int i = 0; i < largest.length; i++) {
      Arrays.fill(most, 0.0f);
      for (int token = first; token < end; token++) {
        read(token, i);
        raise(most);
      }
      for (float one : most) {
        largest[i] = Math.max(largest[i], one);
      }
    }
    return largest;
  }

  private void raise(float[] most) {
    for (int d = 0; d < most.length; d++) {
      most[d] = Math.max(most[d], Math.abs(row[d]));
    }
  }

  /**
   * Packs the tile.
   *
   * @param factors by what the keys and the values of each head are multiplied, [heads, 2]
   * @param which of these are to be packed
   * @param to all tiles
   */
  void pack(float[] factors, BitSet which, MemorySegment to) {
    long tile = (long) first * 2 * heads * dim;
    for (int i = which.nextSetBit(0); i >= 0; i = which.nextSetBit(i + 1)) {
      if (end < first + KEYS) {
        Arrays.fill(numbers, (short) 0);
      }
      for (int token = first; token < end; token++) {
        read(token, i);
        halve(factors[i]);
        int inTile = token - first;
        if (i % 2 == 0) {
          putKey(inTile);
        } else {
          putValue(inTile);
        }
      }
      long at = (tile + (long) i * numbers.length) * Short.BYTES;
      MemorySegment.copy(numbers, 0, to, ValueLayout.JAVA_SHORT, at, numbers.length);
    }
  }

  /** Reads a token's keys, where {@code i} is even, or values of head {@code i / 2}. */
  private void read(int token, int i) {
    MemorySegment from = (i % 2 == 0 ? store.keys() : store.values()).getSegment();
    layout.storage().read(from, ((long) token * heads + i / 2) * dim, row);
  }

  private void halve(float factor) {
    for (int d = 0; d < halves.length; d++) {
      halves[d] = Float.floatToFloat16(row[d] * factor);
    }
  }

  /** A key is a row of every second matrix of a row of blocks. */
  private void putKey(int inTile) {
    int at = blocks(inTile) + inTile / EDGE % 2 * MATRIX + inTile % EDGE * EDGE;
    for (int d = 0; d < dim; d += EDGE) {
      System.arraycopy(halves, d, numbers, at + d * 2 * EDGE, EDGE);
    }
  }

  /** A value is a column of matrices: of the left or of the right two of each block. */
  private void putValue(int inTile) {
    int at = blocks(inTile) + inTile / EDGE % 2 * 2 * MATRIX + inTile % EDGE;
    for (int d = 0; d < dim; d += EDGE) {
      int matrix = at + d / (2 * EDGE) * 4 * MATRIX + d / EDGE % 2 * MATRIX;
      for (int r = 0; r < EDGE; r++) {
        numbers[matrix + r * EDGE] = halves[d + r];
      }
    }
  }

  /** Where the blocks of a token begin: those of 16 tokens lie one behind the other. */
  private int blocks(int inTile) {
    return inTile / (2 * EDGE) * 2 * EDGE * dim;
  }
}
