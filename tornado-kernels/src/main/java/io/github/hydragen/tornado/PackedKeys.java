package io.github.hydragen.tornado;

import io.github.hydragen.tornado.kernels.MatrixPass;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Keys and values of a store as the matrix units read them, in half precision.
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
record PackedKeys(LongArray tiles, FloatArray scales) {
  /** The exponent of the largest number. */
  private static final int EXPONENT = 3;

  /** Packs the tokens of a store; the last tile is filled up with zeros. */
  static PackedKeys of(Arena arena, Layout layout, KvStore store) {
    int tokens = (int) (store.elements() / layout.kvRow());
    PackedKeys packed = allocate(arena, layout, tokens);
    packed.pack(layout, store, tokens);
    return packed;
  }

  /** Arrays for so many tokens, of zeros. */
  static PackedKeys allocate(Arena arena, Layout layout, int tokens) {
    return new PackedKeys(
        NativeArrays.longs(arena, tiles(tokens) * (long) tileElements(layout) / 4),
        NativeArrays.floats(arena, 2L * layout.shape().kvHeads()));
  }

  private static int tiles(int tokens) {
    return (tokens + MatrixPass.KEYS - 1) / MatrixPass.KEYS;
  }

  /** Keys and values of a tile, of all heads. */
  private static int tileElements(Layout layout) {
    return 2 * MatrixPass.KEYS * layout.kvRow();
  }

  /** Packs the first tokens of a store; the last tile is filled up with zeros. */
  void pack(Layout layout, KvStore store, int tokens) {
    int tiles = tiles(tokens);
    float[][] largest = new float[tiles][];
    IntStream.range(0, tiles)
        .parallel()
        .forEach(tile -> largest[tile] = new PackedTile(layout, store, tile, tokens).largest());
    float[] factors = new float[2 * layout.shape().kvHeads()];
    for (int i = 0; i < factors.length; i++) {
      float most = 0.0f;
      for (float[] ofTile : largest) {
        most = Math.max(most, ofTile[i]);
      }
      int exponent = exponent(most);
      factors[i] = Math.scalb(1.0f, -exponent);
      scales.set(i, Math.scalb(1.0f, exponent));
    }
    IntStream.range(0, tiles)
        .parallel()
        .forEach(
            tile ->
                new PackedTile(layout, store, tile, tokens).pack(factors, tiles().getSegment()));
  }

  private static int exponent(float largest) {
    // The scale must be a normal number, and so must 1 / scale.
    int exponent = Math.getExponent(largest) - EXPONENT;
    return largest == 0.0f ? 0 : Math.max(-100, Math.min(exponent, 100));
  }
}
