package io.github.hydragen.tornado.store;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.github.hydragen.DataType;
import io.github.hydragen.tornado.kernels.MatrixPass;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;

/** A tile of {@link PackedKeys}, made of the tokens of a store; four numbers a long throughout. */
final class PackedTile {
  private static final int KEYS = MatrixPass.KEYS;

  /** Numbers of a long, and tokens whose values become longs together. */
  private static final int FOUR = 4;

  /** Rows, and columns, of a matrix. */
  private static final int EDGE = 8;

  /** Longs of a row of a matrix, and of all. */
  private static final int ROW = EDGE / FOUR;

  private static final int MATRIX = EDGE * ROW;

  /** The lower and the upper number of a pair, without their signs. */
  private static final int LOW = 0x7fff;

  private static final int HIGH = 0x7fff_0000;

  /** The even ones of four numbers, and the lower two. */
  private static final long EVEN = 0x0000_ffff_0000_ffffL;

  private static final long LOWER = 0xffff_ffffL;

  private final DataType storage;
  private final MemorySegment keys;
  private final MemorySegment values;
  private final int heads;
  private final int dim;
  private final int first;
  private final int end;

  /**
   * A tile.
   *
   * @param tokens of the store; what the tile has beyond them is zeros
   */
  PackedTile(Layout layout, KvStore store, int tile, int tokens) {
    storage = layout.storage();
    keys = store.keys().getSegment();
    values = store.values().getSegment();
    heads = layout.shape().kvHeads();
    dim = layout.paddedDim();
    first = tile * KEYS;
    end = Math.min(tokens, first + KEYS);
  }

  /** The largest absolute numbers of the keys and of the values of each head, [heads, 2]. */
  float[] largest() {
    float[] largest = new float[2 * heads];
    int[] pairs = new int[dim / 2];
    int[] low = new int[pairs.length];
    int[] high = new int[pairs.length];
    for (int i = 0; i < largest.length; i++) {
      Arrays.fill(low, 0);
      Arrays.fill(high, 0);
      for (int token = first; token < end; token++) {
        MemorySegment.copy(from(i), JAVA_INT_UNALIGNED, at(token, i), pairs, 0, pairs.length);
        raise(pairs, LOW, low);
        raise(pairs, HIGH, high);
      }
      int most = 0;
      for (int d = 0; d < pairs.length; d++) {
        most = Math.max(most, Math.max(low[d], high[d] >>> Short.SIZE));
      }
      // Bits without a sign are in the order of the numbers, NaN above all.
      largest[i] = HalfScaler.toFloat(storage, most);
    }
    return largest;
  }

  private static void raise(int[] pairs, int mask, int[] most) {
    for (int d = 0; d < pairs.length; d++) {
      most[d] = Math.max(most[d], pairs[d] & mask);
    }
  }

  /**
   * Packs the tile.
   *
   * @param scalers of the keys and the values of each head, [heads, 2]
   * @param which of these are to be packed
   * @param to all tiles
   */
  void pack(HalfScaler[] scalers, BitSet which, MemorySegment to) {
    long[] packed = new long[KEYS * dim / FOUR];
    long[][] rows = new long[FOUR][dim / FOUR];
    for (int i = which.nextSetBit(0); i >= 0; i = which.nextSetBit(i + 1)) {
      for (int inTile = 0; inTile < KEYS; inTile += FOUR) {
        read(first + inTile, i, scalers[i], rows);
        if (i % 2 == 0) {
          putKeys(inTile, rows, packed);
        } else {
          putValues(inTile, rows, packed);
        }
      }
      long at = ((long) first * 2 * heads * dim + (long) i * KEYS * dim) * Short.BYTES;
      MemorySegment.copy(packed, 0, to, JAVA_LONG_UNALIGNED, at, packed.length);
    }
  }

  private MemorySegment from(int i) {
    return i % 2 == 0 ? keys : values;
  }

  /** Where a token's keys, if {@code i} is even, or values of head {@code i / 2} are, in bytes. */
  private long at(int token, int i) {
    return ((long) token * heads + i / 2) * dim * Short.BYTES;
  }

  /** Reads and scales four tokens; those beyond the end are zeros. */
  private void read(int token, int i, HalfScaler scaler, long[][] rows) {
    for (int t = 0; t < FOUR; t++) {
      long[] row = rows[t];
      if (token + t >= end) {
        Arrays.fill(row, 0);
        continue;
      }
      MemorySegment.copy(from(i), JAVA_LONG_UNALIGNED, at(token + t, i), row, 0, row.length);
      if (!scaler.scaleNormal(row)) {
        MemorySegment.copy(from(i), JAVA_LONG_UNALIGNED, at(token + t, i), row, 0, row.length);
        scaler.scaleAny(row);
      }
    }
  }

  /** A key is a row of every second matrix of a row of blocks. */
  private void putKeys(int inTile, long[][] rows, long[] packed) {
    for (int t = 0; t < FOUR; t++) {
      long[] row = rows[t];
      int token = inTile + t;
      int at = blocks(token) + token / EDGE % 2 * MATRIX + token % EDGE * ROW;
      for (int d = 0; d < row.length; d += ROW) {
        packed[at + d * MATRIX] = row[d];
        packed[at + d * MATRIX + 1] = row[d + 1];
      }
    }
  }

  /** A value is a column of matrices: of the left or of the right two of each block. */
  private void putValues(int inTile, long[][] rows, long[] packed) {
    int length = dim / FOUR;
    int at = blocks(inTile) + inTile / EDGE % 2 * 2 * MATRIX + inTile % EDGE / FOUR;
    for (int d = 0; d < length; d++) {
      int matrix = at + d / (2 * ROW) * 4 * MATRIX + d / ROW % 2 * MATRIX + d % ROW * FOUR * ROW;
      transpose(rows, d, packed, matrix);
    }
  }

  /** Makes four columns of four rows, first pairs of numbers, then pairs of pairs. */
  private static void transpose(long[][] rows, int at, long[] to, int first) {
    long a = rows[0][at];
    long b = rows[1][at];
    long c = rows[2][at];
    long d = rows[3][at];
    long ab0 = (a & EVEN) | ((b & EVEN) << 16);
    long ab1 = ((a >>> 16) & EVEN) | (b & ~EVEN);
    long cd0 = (c & EVEN) | ((d & EVEN) << 16);
    long cd1 = ((c >>> 16) & EVEN) | (d & ~EVEN);
    to[first] = (ab0 & LOWER) | (cd0 << 32);
    to[first + ROW] = (ab1 & LOWER) | (cd1 << 32);
    to[first + 2 * ROW] = (ab0 >>> 32) | (cd0 & ~LOWER);
    to[first + 3 * ROW] = (ab1 >>> 32) | (cd1 & ~LOWER);
  }

  /** Where the blocks of a token begin: those of 16 tokens lie one behind the other. */
  private int blocks(int inTile) {
    return inTile / (2 * EDGE) * 2 * EDGE * dim / FOUR;
  }
}
