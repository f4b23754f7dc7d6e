package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.kernels.MatrixPass;
import io.github.hydragen.tornado.kernels.StreamPassF32;
import io.github.hydragen.tornado.kernels.SuffixPassBF16;
import io.github.hydragen.tornado.kernels.SuffixRowBF16;
import io.github.hydragen.tornado.kernels.SuffixTile;
import io.github.hydragen.tornado.kernels.WorkItem;
import io.github.hydragen.tornado.store.Layout;

/**
 * Work-groups of a batch's passes: the rows of an item and the threads of a work-group, for passes
 * in tiles and for streaming ones, the heads that a work-group of the latter computes, and how many
 * segments of one head a compute unit should have.
 */
public record PassShape(
    int tileRows,
    int tileThreads,
    int tilesPerUnit,
    int streamRows,
    int streamThreads,
    int streamHeads,
    int streamsPerUnit) {
  /** Work-groups of a portable pass that a device should have for each of its compute units. */
  private static final int PORTABLE_PER_UNIT = 4;

  /** Work-groups of the matrix pass that a multiprocessor has registers for. */
  private static final int MATRIX_PER_UNIT = 2;

  /** Warps of the suffix pass of groups that a multiprocessor has registers for. */
  private static final int SUFFIX_WARPS_PER_UNIT = 16;

  /** Warps that keep memory busy if each has a tile under way. */
  private static final int TILE_WARPS_PER_UNIT = 8;

  /** The shape of a batch's passes. */
  public static PassShape of(Layout layout) {
    int group = layout.shape().groupSize();
    if (layout.suffixesByWarp()) {
      return new PassShape(
          MatrixPass.ROWS,
          MatrixPass.THREADS,
          MATRIX_PER_UNIT,
          1,
          SuffixRowBF16.THREADS,
          SuffixRowBF16.HEADS,
          TILE_WARPS_PER_UNIT);
    }
    if (layout.suffixesOnMatrixUnits()) {
      int rows = powerOfTwo(Math.min(group, SuffixTile.MAX_ROWS));
      return new PassShape(
          MatrixPass.ROWS,
          MatrixPass.THREADS,
          MATRIX_PER_UNIT,
          rows,
          rows / SuffixTile.WARP_ROWS * SuffixTile.WARP,
          1,
          TILE_WARPS_PER_UNIT);
    }
    if (layout.tuned()) {
      return new PassShape(
          MatrixPass.ROWS,
          MatrixPass.THREADS,
          MATRIX_PER_UNIT,
          powerOfTwo(Math.min(group, SuffixPassBF16.MAX_ROWS)),
          SuffixPassBF16.THREADS,
          1,
          SUFFIX_WARPS_PER_UNIT);
    }
    return new PassShape(
        layout.paddedDim() > 128 ? 16 : 32,
        WorkItem.THREADS,
        PORTABLE_PER_UNIT,
        powerOfTwo(Math.min(group, StreamPassF32.MAX_ROWS)),
        WorkItem.THREADS,
        1,
        PORTABLE_PER_UNIT);
  }

  /** The next power of two: a decode step of such a group fits exactly. */
  private static int powerOfTwo(int rows) {
    return Integer.highestOneBit(2 * rows - 1);
  }

  /** The most rows of a pass's item. */
  public int rows(Pass pass) {
    return pass.tiled() ? tileRows : streamRows;
  }

  /** Threads of a pass's work-group. */
  public int threads(Pass pass) {
    return pass.tiled() ? tileThreads : streamThreads;
  }

  /** Work-groups of a pass with so many items, which {@link #wholeGroups} has rounded up. */
  public long groups(Pass pass, int items, int kvHeads) {
    return (long) items * kvHeads / (pass.tiled() ? 1 : streamHeads);
  }

  /** Items of a pass, rounded up so that all of its work-groups have all of their heads. */
  public int wholeGroups(Pass pass, int items, int kvHeads) {
    int rounded = items;
    while (rounded * (long) kvHeads % (pass.tiled() ? 1 : streamHeads) != 0) {
      rounded++;
    }
    return rounded;
  }
}
