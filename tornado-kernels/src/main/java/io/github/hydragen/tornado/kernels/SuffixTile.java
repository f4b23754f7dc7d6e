package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * How the passes over suffixes on the matrix units, {@link SuffixMatrixBF16} and {@link
 * SuffixMatrixF16}, lay out local memory, and what they do beside it, which no other method can
 * use; inlined into the kernels.
 *
 * <p>A tile has {@value #KEYS} keys, and as many values behind them. A thread has two rows of
 * scores and one of outputs, of which it has elements {@code 8 i + 2 c} and the next, {@code c}
 * being its lane modulo 4.
 */
public final class SuffixTile {
  /** Rows of a warp: columns of a right factor. */
  public static final int WARP_ROWS = 8;

  /** The most rows of an item. */
  public static final int MAX_ROWS = 16;

  /** Threads of a warp. */
  public static final int WARP = 32;

  static final int MAX_THREADS = WARP * MAX_ROWS / WARP_ROWS;

  /** Keys of a tile. */
  static final int KEYS = 32;

  /** Longs of a head. */
  static final int LONGS = SuffixRows.DIM / 4;

  /** Longs from a key of a tile to the next in local memory: eight are in different banks. */
  static final int KEY_LONGS = LONGS + 2;

  /** Bytes from a key to the next. */
  static final int KEY_BYTES = 8 * KEY_LONGS;

  /**
   * Further bytes after each eight keys, so that keys that far apart are in different banks too.
   */
  private static final int EIGHT_BYTES = 32;

  /** Longs of the keys of a tile, and of its values. */
  static final int HALF_TILE = KEYS * KEY_LONGS + KEYS / 8 * EIGHT_BYTES / 8;

  /** Bytes of the keys of a tile. */
  static final int VALUES_BYTES = 8 * HALF_TILE;

  /** From the left factors of the first 16 keys of a tile to those of the others, in bytes. */
  static final int SECOND = 16 * KEY_BYTES + 2 * EIGHT_BYTES;

  /** Longs of a warp's queries, rounded; as many are what that leaves. */
  static final int QUERIES = WARP_ROWS * KEY_LONGS;

  /** Longs of a warp's weights of half a tile: four matrices, the last two moved to other banks. */
  static final int STEP_WEIGHTS = 4 * 16 + 4;

  /** Longs of a warp's weights of a tile. */
  static final int WEIGHTS = 2 * STEP_WEIGHTS;

  /** Floats between rows of what threads read their accumulators through. */
  static final int EXCHANGE_ROW = MAX_THREADS / 4;

  /** From a thread's numbers in the upper eight rows of an accumulator to those in the lower. */
  static final int LOW = 8 * EXCHANGE_ROW;

  private SuffixTile() {}

  /**
   * The first key that is read for a tile. One that would go beyond the last key begins earlier
   * instead; of fewer keys than a tile has the last is read several times.
   */
  static int firstKey(int tile, int keyCount) {
    return TornadoMath.max(0, TornadoMath.min(tile, keyCount - KEYS));
  }

  /** Where a key lies in its half of a tile in local memory, in bytes. */
  static int place(int key) {
    return key * KEY_BYTES + (key >> 3) * EIGHT_BYTES;
  }

  /** Two ints as a long, the first below. */
  static long join(int first, int second) {
    return (first & 0xFFFFFFFFL) | ((long) second << 32);
  }

  /**
   * Adds a weighted earlier state of a row to its outputs, of which {@code keep} is kept.
   *
   * @param at the thread's first element
   * @param dim elements of the row, of which a thread has a quarter
   */
  static void merge(FloatArray states, int at, int dim, float keep, float weight, float[] value) {
    for (int i = 0; i < dim >> 3; i++) {
      value[2 * i] = value[2 * i] * keep + weight * states.get(at + 8 * i);
      value[2 * i + 1] = value[2 * i + 1] * keep + weight * states.get(at + 8 * i + 1);
    }
  }

  /**
   * Writes a row of outputs, multiplied.
   *
   * @param at the thread's first element
   * @param dim elements of the row
   */
  static void write(FloatArray to, int at, int dim, float[] value, float factor) {
    for (int i = 0; i < dim >> 3; i++) {
      to.set(at + 8 * i, value[2 * i] * factor);
      to.set(at + 8 * i + 1, value[2 * i + 1] * factor);
    }
  }
}
