package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What {@link MatrixPass} does for suffixes beside its local memory, which no other method can use.
 */
final class SuffixRows {
  private SuffixRows() {}

  /**
   * Loads this thread's long of each of a tile's keys or values. All are a sequence's: a tile that
   * would go beyond the last begins earlier instead ({@link #firstKey}), and of fewer keys than a
   * tile has the last is read several times. A tile that begins behind the last is not read.
   *
   * @param at the long of the sequence's first key
   * @param row longs from one key to the next
   */
  static void load(LongArray from, long[] to, int at, int row, int tile, int keyCount) {
    if (tile < keyCount) {
      if (keyCount >= MatrixPass.KEYS) {
        int first = at + firstKey(tile, keyCount) * row;
        for (int i = 0; i < MatrixPass.KEYS; i++) {
          to[i] = from.get(first + i * row);
        }
      } else {
        for (int i = 0; i < MatrixPass.KEYS; i++) {
          to[i] = from.get(at + TornadoMath.min(i, keyCount - 1) * row);
        }
      }
    }
  }

  /** The first key that is read for a tile. */
  static int firstKey(int tile, int keyCount) {
    return TornadoMath.max(0, TornadoMath.min(tile, keyCount - MatrixPass.KEYS));
  }

  /** How the longs of a key of 16 are exchanged in local memory, so that banks never collide. */
  static int exchanged(int key) {
    return (key & 7) ^ ((key >> 3) & 1);
  }

  /**
   * Two numbers rounded to BF16. As longs, since TornadoVM computes with such a number in 16 bits,
   * where nothing is left of it after a shift by as many.
   */
  static int pair(float first, float second) {
    long low = BFloat16.bf16FromFloat(first);
    long high = BFloat16.bf16FromFloat(second);
    return (int) ((low & 0xFFFFL) | (high & 0xFFFFL) << 16);
  }

  /** What rounding to BF16 leaves of a number. */
  static float rest(float number) {
    return number - BFloat16.bf16ToFloat(BFloat16.bf16FromFloat(number));
  }

  /** The number of a row, 0 to 3. */
  static float ofRow(int row, float first, float second, float third, float fourth) {
    float upper = row == 2 ? third : fourth;
    float lower = row == 0 ? first : second;
    return row < 2 ? lower : upper;
  }
}
