package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of a few query rows to a range of keys, each key and value read once and straight into
 * registers: for suffixes, which memory bandwidth bounds.
 *
 * <p>One work-group of {@link WorkItem#THREADS} threads computes one {@link WorkItem} of at most
 * {@value #MAX_ROWS} rows for one key/value head. Its threads form four lines of 32; a line takes
 * every fourth key, its threads neighbouring elements of the head. Lines are a way to count: they
 * need not be warps.
 */
public final class StreamPassF16 {
  /** The most rows of an item. */
  public static final int MAX_ROWS = 8;

  private StreamPassF16() {}

  /**
   * The pass; arguments as in {@link TilePassF32#attend}.
   *
   * @param maxRows the most rows of an item: 1, 2, 4 or {@value #MAX_ROWS}
   */
  public static void attend(
      KernelContext context,
      FloatArray queries,
      HalfFloatArray keys,
      HalfFloatArray values,
      IntArray work,
      int firstItem,
      FloatArray states,
      FloatArray lses,
      int queryHeads,
      int kvHeads,
      int headDim,
      int slots,
      int maxRows,
      float scale,
      float cap) {
    int thread = context.localIdx;
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    float[] sums = context.allocateFloatLocalArray(256 * 33);
    float[] weights = context.allocateFloatLocalArray(256);
    float[] partial = context.allocateFloatLocalArray(WorkItem.THREADS);
    float[] segments = context.allocateFloatLocalArray(WorkItem.THREADS);
    float[] rescale = context.allocateFloatLocalArray(WorkItem.THREADS);
    int[] queryRow = context.allocateIntLocalArray(WorkItem.THREADS);
    int[] stateRow = context.allocateIntLocalArray(WorkItem.THREADS);
    int[] firstVisible = context.allocateIntLocalArray(WorkItem.THREADS);
    int[] lastVisible = context.allocateIntLocalArray(WorkItem.THREADS);

    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    if (rowCount == 0) {
      return;
    }
    int group = queryHeads / kvHeads;
    int firstRow = work.get(item + WorkItem.FIRST_ROW);
    int firstKey = work.get(item + WorkItem.FIRST_KEY);
    int keyCount = work.get(item + WorkItem.KEY_COUNT);
    int position = work.get(item + WorkItem.POSITION);
    int slot = work.get(item + WorkItem.SLOT);
    int entries = work.get(item + WorkItem.ENTRIES);

    int lane = thread % 32;
    int line = thread / 32;
    int columns = headDim / 32;
    int tileKeys = 32 * (MAX_ROWS / maxRows);
    int threadsPerRow = WorkItem.THREADS / maxRows;
    int softmaxRow = thread / threadsPerRow;
    int column = thread % threadsPerRow;
    // Neighbouring rows take their two keys in opposite order: a warp then meets every bank once.
    int firstColumn = column + softmaxRow % 2 * threadsPerRow;
    int secondColumn = column + (1 - softmaxRow % 2) * threadsPerRow;

    // Rows beyond the last repeat it: they cost nothing and are not written.
    int setupRow = TornadoMath.max(0, firstRow + TornadoMath.min(thread, rowCount - 1));
    int entry = (entries + setupRow / group) * RowList.INTS;
    int head = kvHead * group + setupRow % group;
    int token = work.get(entry + RowList.TOKEN);
    int lastKey = position + keyCount - 1;
    queryRow[thread] = token * queryHeads + head;
    stateRow[thread] = (token * slots + slot) * queryHeads + head;
    firstVisible[thread] = work.get(entry + RowList.FIRST_VISIBLE);
    lastVisible[thread] = TornadoMath.min(work.get(entry + RowList.LAST_VISIBLE), lastKey);
    context.localBarrier();

    float[] query = new float[64];
    float[] accumulators = new float[64];
    for (int i = 0; i < 64; i++) {
      query[i] = 0.0f;
      accumulators[i] = 0.0f;
    }
    for (int r = 0; r < maxRows; r++) {
      for (int c = 0; c < columns; c++) {
        query[r * columns + c] = queries.get(queryRow[r] * headDim + lane + 32 * c);
      }
    }
    float max = Softmax.HIDDEN;
    float sum = 0.0f;

    for (int tileKey = 0; tileKey < keyCount; tileKey += tileKeys) {
      for (int i = 0; i < tileKeys / 4; i++) {
        int key = line + 4 * i;
        int stored = firstKey + TornadoMath.min(tileKey + key, keyCount - 1);
        int at = (stored * kvHeads + kvHead) * headDim + lane;
        float[] dots = new float[8];
        for (int r = 0; r < 8; r++) {
          dots[r] = 0.0f;
        }
        for (int c = 0; c < columns; c++) {
          float k = keys.get(at + 32 * c).getFloat32();
          for (int r = 0; r < maxRows; r++) {
            dots[r] += query[r * columns + c] * k;
          }
        }
        for (int r = 0; r < maxRows; r++) {
          sums[(r * tileKeys + key) * 33 + lane] = dots[r];
        }
      }
      context.localBarrier();

      float firstDot = 0.0f;
      float secondDot = 0.0f;
      for (int i = 0; i < 32; i++) {
        firstDot += sums[(softmaxRow * tileKeys + firstColumn) * 33 + i];
        secondDot += sums[(softmaxRow * tileKeys + secondColumn) * 33 + i];
      }
      float firstScore =
          Softmax.visible(
              Softmax.score(firstDot, scale, cap),
              position + tileKey + firstColumn,
              firstVisible[softmaxRow],
              lastVisible[softmaxRow]);
      float secondScore =
          Softmax.visible(
              Softmax.score(secondDot, scale, cap),
              position + tileKey + secondColumn,
              firstVisible[softmaxRow],
              lastVisible[softmaxRow]);
      partial[thread] = TornadoMath.max(firstScore, secondScore);
      context.localBarrier();

      float best = Softmax.HIDDEN;
      for (int i = 0; i < 16; i++) {
        best = TornadoMath.max(best, partial[thread / 16 * 16 + i]);
      }
      segments[thread] = best;
      context.localBarrier();

      float newMax = max;
      for (int i = 0; i < threadsPerRow / 16; i++) {
        newMax = TornadoMath.max(newMax, segments[softmaxRow * threadsPerRow + 16 * i]);
      }
      float base = Softmax.base(newMax);
      float factor = TornadoMath.exp(max - base);
      float firstWeight = TornadoMath.exp(firstScore - base);
      float secondWeight = TornadoMath.exp(secondScore - base);
      max = newMax;
      sum = sum * factor + firstWeight + secondWeight;
      weights[softmaxRow * tileKeys + firstColumn] = firstWeight;
      weights[softmaxRow * tileKeys + secondColumn] = secondWeight;
      rescale[thread] = factor;
      context.localBarrier();

      for (int r = 0; r < maxRows; r++) {
        float rowFactor = rescale[r * threadsPerRow];
        for (int c = 0; c < columns; c++) {
          accumulators[r * columns + c] *= rowFactor;
        }
      }
      for (int i = 0; i < tileKeys / 4; i++) {
        int key = line + 4 * i;
        int stored = firstKey + TornadoMath.min(tileKey + key, keyCount - 1);
        int at = (stored * kvHeads + kvHead) * headDim + lane;
        for (int c = 0; c < columns; c++) {
          float v = values.get(at + 32 * c).getFloat32();
          for (int r = 0; r < maxRows; r++) {
            accumulators[r * columns + c] += weights[r * tileKeys + key] * v;
          }
        }
      }
      context.localBarrier();
    }

    partial[thread] = sum;
    rescale[thread] = max;
    for (int r = 0; r < maxRows; r++) {
      for (int c = 0; c < columns; c++) {
        sums[(line * maxRows + r) * headDim + lane + 32 * c] = accumulators[r * columns + c];
      }
    }
    context.localBarrier();
    for (int i = thread; i < rowCount * headDim; i += WorkItem.THREADS) {
      int row = i / headDim;
      int d = i % headDim;
      float total = 0.0f;
      for (int t = 0; t < threadsPerRow; t++) {
        total += partial[row * threadsPerRow + t];
      }
      float out = 0.0f;
      for (int l = 0; l < 4; l++) {
        out += sums[(l * maxRows + row) * headDim + d];
      }
      int state = stateRow[row];
      states.set(state * headDim + d, out * Softmax.inverse(total));
      if (d == 0) {
        lses.set(state, Softmax.lse(rescale[row * threadsPerRow], total));
      }
    }
  }
}
