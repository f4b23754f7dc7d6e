package io.github.hydragen.tornado;

import io.github.hydragen.DataType;
import io.github.hydragen.tornado.kernels.MatrixPass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * The keys and values of a store as the matrix units read them, in half precision.
 *
 * <p>A tile of 32 tokens has, for each key/value head, its keys and behind them its values, both as
 * blocks of 16 x 16: keys [2, headDim / 16] blocks of 16 keys by 16 elements, values [2, headDim /
 * 16] blocks of 16 elements by 16 tokens. A block is four matrices of 8 rows of 8 numbers, those of
 * its left half first. Each head's keys, and its values, are multiplied by a power of two that
 * brings the largest to between 8 and 16: half precision has more digits than BF16 but fewer
 * exponents. What is below the 2^-27th part of the largest is lost.
 *
 * @param tiles [tiles, kvHeads, 2, 32 * headDim / 4], four numbers a long
 * @param scales [kvHeads, 2], by what keys and values are to be multiplied again
 */
record PackedPrefixes(LongArray tiles, FloatArray scales) {
  /** The exponent of the largest number. */
  private static final int EXPONENT = 3;

  /** Packs the tokens of a store; the last tile is filled up with zeros. */
  static PackedPrefixes of(Arena arena, Layout layout, KvStore store) {
    int kvHeads = layout.shape().kvHeads();
    int dim = layout.paddedDim();
    int tokens = (int) (store.elements() / layout.kvRow());
    int tileCount = (tokens + MatrixPass.KEYS - 1) / MatrixPass.KEYS;
    int half = MatrixPass.KEYS * dim;
    LongArray tiles = NativeArrays.longs(arena, (long) tileCount * kvHeads * 2 * half / 4);
    FloatArray scales = NativeArrays.floats(arena, 2L * kvHeads);
    MemorySegment keys = store.keys().getSegment();
    MemorySegment values = store.values().getSegment();
    IntStream.range(0, 2 * kvHeads)
        .parallel()
        .forEach(
            i -> {
              int head = i / 2;
              boolean isValues = i % 2 == 1;
              MemorySegment from = isValues ? values : keys;
              int exponent = exponent(layout, from, head, tokens);
              scales.set(i, Math.scalb(1.0f, exponent));
              for (int token = 0; token < tokens; token++) {
                long at = ((long) token * kvHeads + head) * dim;
                int inTile = token % MatrixPass.KEYS;
                long tile = (((long) token / MatrixPass.KEYS * kvHeads + head) * 2 + i % 2) * half;
                for (int d = 0; d < dim; d++) {
                  float value = Math.scalb(layout.storage().read(from, at + d), -exponent);
                  int block = inTile / 16 * (dim / 16) + d / 16;
                  int element = isValues ? element(block, d, inTile) : element(block, inTile, d);
                  DataType.F16.write(tiles.getSegment(), tile + element, value);
                }
              }
            });
    return new PackedPrefixes(tiles, scales);
  }

  /** Where the number of a row and a column of a block is. */
  private static int element(int block, int row, int column) {
    int matrix = 4 * block + row / 8 % 2 + 2 * (column / 8 % 2);
    return matrix * 64 + row % 8 * 8 + column % 8;
  }

  private static int exponent(Layout layout, MemorySegment from, int head, int tokens) {
    float largest = 0.0f;
    for (int token = 0; token < tokens; token++) {
      long at = ((long) token * layout.shape().kvHeads() + head) * layout.paddedDim();
      for (int d = 0; d < layout.paddedDim(); d++) {
        largest = Math.max(largest, Math.abs(layout.storage().read(from, at + d)));
      }
    }
    // The scale must be a normal number, and so must 1 / scale.
    int exponent = Math.getExponent(largest) - EXPONENT;
    return largest == 0.0f ? 0 : Math.max(-100, Math.min(exponent, 100));
  }
}
