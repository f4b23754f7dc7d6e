package io.github.hydragen.tornado.store;

import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.kernels.MatrixPass;
import java.lang.foreign.Arena;
import java.util.BitSet;
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
 */
public final class PackedKeys {
  /** The exponent of the largest number. */
  private static final int EXPONENT = 3;

  private final Layout layout;
  private final LongArray tiles;
  private final FloatArray scales;

  /** Of each tile that is packed, its {@link PackedTile#largest}. */
  private final float[][] largest;

  /** By which power of two each head's keys, and values, were divided when they were packed. */
  private final int[] exponents;

  /** Arrays for so many tokens, of zeros. */
  public PackedKeys(Arena arena, Layout layout, int tokens) {
    this.layout = layout;
    tiles = NativeArrays.longs(arena, tiles(tokens) * (long) tileElements(layout) / 4);
    scales = NativeArrays.floats(arena, 2L * layout.shape().kvHeads());
    largest = new float[tiles(tokens)][];
    exponents = new int[2 * layout.shape().kvHeads()];
  }

  /** Packs the tokens of a store; the last tile is filled up with zeros. */
  public static PackedKeys of(Arena arena, Layout layout, KvStore store) {
    int tokens = (int) (store.elements() / layout.kvRow());
    PackedKeys packed = new PackedKeys(arena, layout, tokens);
    packed.pack(store, tokens, new BitSet());
    return packed;
  }

  /** [tiles, kvHeads, 2, 32 * headDim / 4], four numbers a long. */
  public LongArray tiles() {
    return tiles;
  }

  /** By what keys and values are to be multiplied again, [kvHeads, 2]. */
  public FloatArray scales() {
    return scales;
  }

  private static int tiles(int tokens) {
    return (tokens + MatrixPass.KEYS - 1) / MatrixPass.KEYS;
  }

  /** Keys and values of a tile, of all heads. */
  private static int tileElements(Layout layout) {
    return 2 * MatrixPass.KEYS * layout.kvRow();
  }

  /**
   * Packs the first tokens of a store; the last tile is filled up with zeros.
   *
   * @param kept tiles whose tokens are those that were packed before
   */
  public void pack(KvStore store, int tokens, BitSet kept) {
    int count = tiles(tokens);
    IntStream.range(0, count)
        .parallel()
        .filter(tile -> !kept.get(tile))
        .forEach(t -> largest[t] = new PackedTile(layout, store, t, tokens).largest());
    BitSet all = new BitSet();
    BitSet changed = new BitSet();
    HalfScaler[] scalers = new HalfScaler[exponents.length];
    for (int i = 0; i < exponents.length; i++) {
      float most = largest(count, i);
      int exponent = exponent(most);
      all.set(i);
      changed.set(i, exponent != exponents[i]);
      exponents[i] = exponent;
      scalers[i] = new HalfScaler(layout.storage(), -exponent, most);
      scales.set(i, Math.scalb(1.0f, exponent));
    }
    IntStream.range(0, count)
        .parallel()
        .forEach(
            t -> {
              BitSet which = kept.get(t) ? changed : all;
              new PackedTile(layout, store, t, tokens).pack(scalers, which, tiles.getSegment());
            });
  }

  private float largest(int count, int i) {
    float most = 0.0f;
    for (int tile = 0; tile < count; tile++) {
      most = Math.max(most, largest[tile][i]);
    }
    return most;
  }

  private static int exponent(float largest) {
    // The scale must be a normal number, and so must 1 / scale.
    int exponent = Math.getExponent(largest) - EXPONENT;
    return largest == 0.0f ? 0 : Math.max(-100, Math.min(exponent, 100));
  }
}
