package io.github.hydragen.tornado.store;

import java.util.Arrays;
import java.util.List;

/**
 * Where the keys of a prefix are cut into segments, each with a work item and a slot of its own: at
 * the same places for all tiles of query rows, or for each tile at its own.
 */
public final class Cut {
  private final int[][] ends;

  private Cut(int[][] ends) {
    this.ends = ends;
  }

  /** At the same places: segments of so many keys, the last with what is left. */
  public static Cut every(int keysOfSegment, int keys) {
    int parts = Math.ceilDiv(keys, keysOfSegment);
    int[] row = new int[parts];
    Arrays.setAll(row, part -> Math.min((part + 1) * keysOfSegment, keys));
    return new Cut(new int[][] {row});
  }

  /**
   * For each tile of rows at its own places.
   *
   * @param ends of each tile the ends of its segments, in order; as many for each
   */
  public static Cut ofTiles(List<int[]> ends) {
    return new Cut(ends.toArray(int[][]::new));
  }

  /** How many tiles are cut at places of their own, 1 or more; further ones as these in turn. */
  public int tiles() {
    return ends.length;
  }

  /** Segments of a tile. */
  public int parts() {
    return ends[0].length;
  }

  /** The end of a segment, as a token of the prefix. */
  public int end(int tile, int part) {
    return ends[tile][part];
  }
}
