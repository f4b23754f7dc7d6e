package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of a tile of stacked query rows to a range of keys that all of them share: two small
 * matrix products per tile of keys, with a running softmax between them.
 *
 * <p>One work-group of {@link WorkItem#THREADS} threads computes one {@link WorkItem} for one
 * key/value head. A tile has {@code edge} rows and {@code edge} keys: 32, or 16 where {@code
 * headDim} exceeds 128, so that its queries and its keys or values fit in local memory. Rows in
 * local memory are one element longer than they need be: threads that read the same column of
 * different rows then meet different banks.
 */
public final class TilePassF16 {
  /** Elements of the largest tile of queries, or of keys or values: 32 x (128 + 1). */
  private static final int TILE = 4128;

  private TilePassF16() {}

  /**
   * The pass.
   *
   * @param queries [tokens, queryHeads, headDim]
   * @param keys [stored tokens, kvHeads, headDim]
   * @param values like {@code keys}
   * @param work row lists from its start on, [entries, {@link RowList#INTS}], and somewhere behind
   *     them the work items, [items, {@link WorkItem#INTS}]
   * @param firstItem the int that the first work item begins with
   * @param states partial outputs, [tokens, slots, queryHeads, headDim]
   * @param lses their natural log-sum-exp, [tokens, slots, queryHeads]
   * @param headDim a multiple of 32, at most 256
   * @param slots partial states of one token
   * @param cap bound of the scores, or 0
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
      float scale,
      float cap) {
    int thread = context.localIdx;
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    float[] queryTile = context.allocateFloatLocalArray(TILE);
    float[] tile = context.allocateFloatLocalArray(TILE);
    float[] scores = context.allocateFloatLocalArray(32 * 33);
    float[] partial = context.allocateFloatLocalArray(WorkItem.THREADS);
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

    int edge = headDim > 128 ? 16 : 32;
    int half = edge / 2;
    int stride = headDim + 1;
    int rowsEach = edge / 8;
    int keysEach = edge / 16;
    int threadsPerRow = WorkItem.THREADS / edge;
    int across = thread % 16;
    // The two rows that a warp meets are so far apart, and rows of scores so long, that threads
    // meet different banks, where they have scores of two rows as well as where they have those of
    // 8 (4 if edge is 16). Where rows have equal entries, or entries in any order, row / half picks
    // different banks.
    int warp = thread / 32;
    int lower = thread / 16 % 2;
    int down = edge == 32 ? warp + 16 * lower : warp % 2 + warp / 2 * 8 + 2 * lower;
    int scoresStride = edge == 32 ? 33 : 40;

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

    // So many are read before the first is stored, as a read waits for the stores before it.
    int chunk = edge == 32 ? 8 : 4;
    float[] read = new float[8];
    for (int i = thread; i < edge * headDim; i += chunk * WorkItem.THREADS) {
      for (int c = 0; c < chunk; c++) {
        int at = i + c * WorkItem.THREADS;
        read[c] = queries.get(queryRow[at / headDim] * headDim + at % headDim);
      }
      for (int c = 0; c < chunk; c++) {
        int at = i + c * WorkItem.THREADS;
        queryTile[at / headDim * stride + at % headDim] = read[c];
      }
    }

    float[] accumulators = new float[32];
    for (int i = 0; i < 32; i++) {
      accumulators[i] = 0.0f;
    }
    float max = Softmax.HIDDEN;
    float sum = 0.0f;
    int softmaxRow = thread / threadsPerRow;
    int softmaxStep = edge == 32 ? 1 : 8;
    int softmaxAt = softmaxRow * scoresStride + thread % threadsPerRow * (8 / softmaxStep);

    for (int tileKey = 0; tileKey < keyCount; tileKey += edge) {
      for (int i = thread; i < edge * headDim; i += chunk * WorkItem.THREADS) {
        for (int c = 0; c < chunk; c++) {
          int at = i + c * WorkItem.THREADS;
          int stored = firstKey + TornadoMath.min(tileKey + at / headDim, keyCount - 1);
          int element = (stored * kvHeads + kvHead) * headDim + at % headDim;
          read[c] = keys.get(element).getFloat32();
        }
        for (int c = 0; c < chunk; c++) {
          int at = i + c * WorkItem.THREADS;
          tile[at / headDim * stride + at % headDim] = read[c];
        }
      }
      context.localBarrier();

      float[] dots = new float[8];
      for (int i = 0; i < 8; i++) {
        dots[i] = 0.0f;
      }
      for (int d = 0; d < headDim; d++) {
        for (int j = 0; j < keysEach; j++) {
          float k = tile[(across + 16 * j) * stride + d];
          for (int i = 0; i < rowsEach; i++) {
            dots[j * 4 + i] += queryTile[(down + 4 * i) * stride + d] * k;
          }
        }
      }
      for (int j = 0; j < keysEach; j++) {
        int column = across + 16 * j;
        int keyPosition = position + tileKey + column;
        for (int i = 0; i < rowsEach; i++) {
          int row = down + 4 * i;
          float score = Softmax.score(dots[j * 4 + i], scale, cap);
          scores[row * scoresStride + column] =
              Softmax.visible(score, keyPosition, firstVisible[row], lastVisible[row]);
        }
      }
      context.localBarrier();

      for (int i = thread; i < edge * headDim; i += chunk * WorkItem.THREADS) {
        for (int c = 0; c < chunk; c++) {
          int at = i + c * WorkItem.THREADS;
          int stored = firstKey + TornadoMath.min(tileKey + at / headDim, keyCount - 1);
          int element = (stored * kvHeads + kvHead) * headDim + at % headDim;
          read[c] = values.get(element).getFloat32();
        }
        for (int c = 0; c < chunk; c++) {
          int at = i + c * WorkItem.THREADS;
          tile[at / headDim * stride + at % headDim] = read[c];
        }
      }
      float best = Softmax.HIDDEN;
      for (int i = 0; i < edge / threadsPerRow; i++) {
        best = TornadoMath.max(best, scores[softmaxAt + softmaxStep * i]);
      }
      partial[thread] = best;
      context.localBarrier();

      float newMax = max;
      for (int i = 0; i < threadsPerRow; i++) {
        newMax = TornadoMath.max(newMax, partial[softmaxRow * threadsPerRow + i]);
      }
      float base = Softmax.base(newMax);
      float factor = TornadoMath.exp(max - base);
      max = newMax;
      sum = sum * factor;
      for (int i = 0; i < edge / threadsPerRow; i++) {
        int at = softmaxAt + softmaxStep * i;
        float weight = TornadoMath.exp(scores[at] - base);
        scores[at] = weight;
        sum += weight;
      }
      rescale[thread] = factor;
      context.localBarrier();

      for (int i = 0; i < rowsEach; i++) {
        int row = down + 4 * i;
        float rowFactor = rescale[row * threadsPerRow + row / half];
        for (int j = 0; j < headDim / 16; j++) {
          accumulators[j * rowsEach + i] *= rowFactor;
        }
      }
      float[] weights = new float[4];
      for (int key = 0; key < edge; key++) {
        for (int i = 0; i < rowsEach; i++) {
          weights[i] = scores[(down + 4 * i) * scoresStride + key];
        }
        for (int j = 0; j < headDim / 16; j++) {
          float v = tile[key * stride + across + 16 * j];
          for (int i = 0; i < rowsEach; i++) {
            accumulators[j * rowsEach + i] += weights[i] * v;
          }
        }
      }
      context.localBarrier();
    }

    partial[thread] = sum;
    rescale[thread] = max;
    context.localBarrier();
    for (int i = 0; i < rowsEach; i++) {
      int row = down + 4 * i;
      float total = 0.0f;
      for (int t = 0; t < threadsPerRow; t++) {
        total += partial[row * threadsPerRow + (t + row / half) % threadsPerRow];
      }
      if (row < rowCount) {
        int state = stateRow[row];
        float inverse = Softmax.inverse(total);
        for (int j = 0; j < headDim / 16; j++) {
          states.set(state * headDim + across + 16 * j, accumulators[j * rowsEach + i] * inverse);
        }
        if (across == 0) {
          lses.set(state, Softmax.lse(rescale[row * threadsPerRow + row / half], total));
        }
      }
    }
  }
}
