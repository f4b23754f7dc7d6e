package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention of two to four query rows to a range of keys that is read once, at the speed of memory:
 * for suffixes stored as BF16, four numbers in a long, with a head dimension of at most 128. CUDA
 * only.
 *
 * <p>One warp, a work-group of its own, computes one {@link WorkItem} of at most {@value #MAX_ROWS}
 * rows for one key/value head, in tiles of {@value #TILE} keys, by halves. The first values are
 * under way while the scores are computed; else the other warps of a multiprocessor have to keep
 * memory busy, so registers for many of them matter more than loads ahead. For the scores, {@code
 * lanes} threads share a key; their partial sums meet in local memory, where thread {@code i} adds
 * up those of key {@code i}.
 *
 * <p>An item that is the last of its tokens goes on with the states before it, so that its own need
 * not go through memory, and writes the outputs.
 */
public final class SuffixPassBF16 {
  /** The most rows of an item. */
  public static final int MAX_ROWS = 4;

  /** Threads of a work-group. */
  public static final int THREADS = 32;

  private static final int TILE = 32;

  private static final int HALF = 16;

  private SuffixPassBF16() {}

  /**
   * The pass; arguments as in {@link TilePassF32#attend}.
   *
   * @param keys four BF16 numbers in each element
   * @param values like {@code keys}
   * @param out of items that are the last of their tokens, as in {@link Merge#merge}
   * @param outLses like {@code out}
   * @param kvShape key/value heads, and elements between the starts of heads, 64 or 128: {@link
   *     KvShape#of}
   */
  public static void attend(
      KernelContext context,
      FloatArray queries,
      LongArray keys,
      LongArray values,
      IntArray work,
      int firstItem,
      FloatArray states,
      FloatArray lses,
      FloatArray out,
      FloatArray outLses,
      int queryHeads,
      int kvShape,
      int slots,
      float scale,
      float cap) {
    int kvHeads = KvShape.heads(kvShape);
    int dim = KvShape.dim(kvShape);
    int longs = dim >> 2;
    int lane = context.localIdx;
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    // Partial sums: rows are as far apart as lets a warp write to 32 different banks. Only one of
    // the two is left in the compiled kernel.
    float[] few = context.allocateFloatLocalArray(2 * 8 * 36);
    float[] many = context.allocateFloatLocalArray(MAX_ROWS * 16 * 34);
    float[] weights = context.allocateFloatLocalArray(MAX_ROWS * TILE);
    // What was found of each row.
    int[] outRow = context.allocateIntLocalArray(THREADS);
    int[] stateRow = context.allocateIntLocalArray(THREADS);
    int[] firstVisible = context.allocateIntLocalArray(THREADS);
    int[] lastVisible = context.allocateIntLocalArray(THREADS);

    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    if (rowCount == 0) {
      return;
    }
    int group = queryHeads / kvHeads;
    // The most rows of an item, and the threads that share a key.
    int maxRows = group > 2 ? MAX_ROWS : 2;
    int lanes = group > 2 ? 16 : 8;
    int firstKey = work.get(item + WorkItem.FIRST_KEY);
    int keyCount = work.get(item + WorkItem.KEY_COUNT);
    int slot = work.get(item + WorkItem.SLOT);
    int last = work.get(item + WorkItem.LAST);

    int part = lane % lanes;
    int line = lane / lanes;
    int lines = 32 / lanes;
    int parts = group > 2 ? longs >> 4 : longs >> 3;
    int row = longs * kvHeads;
    int base = firstKey * row + longs * kvHead;
    // Of values of 64 elements a warp reads two at a time, and twice as many keys: its halves add
    // up outputs of their own.
    int valueLines = longs < 32 ? 2 : 1;
    int some = HALF * valueLines;
    int ownLong = lane & (longs - 1);
    int valueLine = longs < 32 ? lane >> 4 : 0;
    int end = keyCount - 1;
    long[] loaded = new long[HALF];
    int elements = 128 / lanes;
    float[] query = new float[32];
    float[] value = new float[4 * MAX_ROWS];
    float[] max = new float[MAX_ROWS];
    float[] sum = new float[MAX_ROWS];
    // Each thread for one row; those beyond the last are not written.
    int[] found = new int[4];
    SuffixRows.find(work, item, lane, kvHead, queryHeads, group, slots, found);
    outRow[lane] = found[SuffixRows.OUT];
    stateRow[lane] = found[SuffixRows.STATE];
    firstVisible[lane] = found[SuffixRows.FIRST];
    lastVisible[lane] = found[SuffixRows.LAST];
    context.localBarrier();
    for (int r = 0; r < maxRows; r++) {
      int at = outRow[r] * dim + 4 * part;
      for (int c = 0; c < parts; c++) {
        for (int e = 0; e < 4; e++) {
          query[elements * r + 4 * c + e] = queries.get(at + 4 * lanes * c + e) * scale;
        }
      }
      for (int e = 0; e < 4; e++) {
        value[4 * r + e] = 0.0f;
      }
      max[r] = Softmax.LOWEST;
      sum[r] = 0.0f;
    }
    // The last pass over a token goes on with what the others found, which is there by now.
    int before = last == 1 ? slot : 0;
    for (int s = 0; s < before; s++) {
      for (int r = 0; r < maxRows; r++) {
        int state = stateRow[r] + s * queryHeads;
        SuffixRows.merge(states, lses, state, dim, 4 * ownLong, 2, r, max, sum, value);
      }
    }
    for (int i = 0; i < 4 * maxRows; i++) {
      value[i] = valueLine == 0 ? value[i] : 0.0f;
    }
    // From here on the sum of a row is that of its threads.
    for (int r = 0; r < maxRows; r++) {
      sum[r] = lane == 0 ? sum[r] : 0.0f;
    }
    for (int tile = 0; tile < keyCount; tile += TILE) {
      int most = TornadoMath.min(TILE, keyCount - tile);
      for (int half = 0; half < most; half += some) {
        loadKeys(keys, loaded, base + part, row, tile + half + line, end, lanes, parts);
        for (int i = 0; i < HALF / parts; i++) {
          for (int r = 0; r < maxRows; r++) {
            float dot = dot(loaded, parts * i, query, elements * r, parts);
            if (lanes == 16) {
              many[(16 * r + part) * 34 + half + lines * i + line] = dot;
            } else {
              few[(8 * r + part) * 36 + half + lines * i + line] = dot;
            }
          }
        }
      }
      // On their way while the scores are computed.
      loadValues(values, loaded, base + ownLong, row, tile + valueLine, end, valueLines);
      context.localBarrier();
      // Without a second half the lanes of its keys read others' sums, which then are hidden.
      int key = most > HALF ? lane : lane & (HALF - 1);
      for (int r = 0; r < maxRows; r++) {
        float dot = 0.0f;
        for (int p = 0; p < lanes; p++) {
          if (lanes == 16) {
            dot += many[(16 * r + p) * 34 + key];
          } else {
            dot += few[(8 * r + p) * 36 + key];
          }
        }
        if (cap > 0.0f) {
          dot = cap * TornadoMath.tanh(dot / cap);
        }
        float score = Softmax.visible(dot, tile + lane, firstVisible[r], lastVisible[r]);
        float newMax = TornadoMath.max(max[r], Softmax.largest(context, score));
        float factor = TornadoMath.exp(max[r] - newMax);
        float weight = TornadoMath.exp(score - newMax);
        max[r] = newMax;
        sum[r] = sum[r] * factor + weight;
        weights[TILE * r + lane] = weight;
        for (int e = 0; e < 4; e++) {
          value[4 * r + e] *= factor;
        }
      }
      context.localBarrier();
      for (int half = 0; half < most; half += some) {
        if (half > 0) {
          loadValues(values, loaded, base + ownLong, row, tile + half, end, valueLines);
        }
        for (int i = 0; i < HALF; i++) {
          for (int r = 0; r < maxRows; r++) {
            float weight = weights[TILE * r + half + valueLines * i + valueLine];
            add(value, 4 * r, weight, loaded[i]);
          }
        }
      }
    }
    if (valueLines > 1) {
      for (int i = 0; i < 4 * maxRows; i++) {
        value[i] += context.simdShuffleDown(value[i], 16);
      }
    }
    for (int r = 0; r < maxRows; r++) {
      sum[r] = context.simdSum(sum[r]);
    }
    // By way of local memory, so that threads write whole lines.
    for (int r = 0; r < maxRows; r++) {
      for (int e = 0; e < 4; e++) {
        if (lanes == 16) {
          many[SuffixRows.DIM * r + 4 * lane + e] = value[4 * r + e];
        } else {
          few[SuffixRows.DIM * r + 4 * lane + e] = value[4 * r + e];
        }
      }
    }
    context.localBarrier();
    for (int r = 0; r < maxRows; r++) {
      for (int e = 0; e < 4; e++) {
        int at = SuffixRows.DIM * r + THREADS * e + lane;
        value[4 * r + e] = lanes == 16 ? many[at] : few[at];
      }
    }
    for (int r = 0; r < maxRows; r++) {
      if (r < rowCount) {
        float inverse = Softmax.inverse(sum[r]);
        float lse = Softmax.lse(max[r], sum[r]);
        int state = stateRow[r] + slot * queryHeads;
        if (last == 1) {
          for (int e = 0; e < dim >> 5; e++) {
            out.set(outRow[r] * dim + THREADS * e + lane, value[4 * r + e] * inverse);
          }
          if (lane == 0) {
            outLses.set(outRow[r], lse);
          }
        } else {
          for (int e = 0; e < dim >> 5; e++) {
            states.set(state * dim + THREADS * e + lane, value[4 * r + e] * inverse);
          }
          if (lane == 0) {
            lses.set(state, lse);
          }
        }
      }
    }
  }

  /**
   * Loads this thread's part of 16 keys, or 32 of 64 elements; keys beyond the last are read as the
   * last. Numbers of an array are fewer than 2^31, and longs a quarter of that: no sum here is too
   * large for an int.
   */
  private static void loadKeys(
      LongArray keys, long[] to, int at, int row, int key, int end, int lanes, int parts) {
    int lines = 32 / lanes;
    int first = at + key * row;
    int last = at + end * row;
    for (int i = 0; i < HALF / parts; i++) {
      int from = TornadoMath.min(first + lines * i * row, last);
      for (int c = 0; c < parts; c++) {
        to[parts * i + c] = keys.get(from + lanes * c);
      }
    }
  }

  /** Loads this thread's four elements of as many values, those beyond the last like keys. */
  private static void loadValues(
      LongArray values, long[] to, int at, int row, int key, int end, int lines) {
    int first = at + key * row;
    int last = at + end * row;
    for (int i = 0; i < HALF; i++) {
      to[i] = values.get(TornadoMath.min(first + lines * i * row, last));
    }
  }

  /** The product of some longs of a key with as many of a query. */
  static float dot(long[] key, int at, float[] query, int from, int longs) {
    float dot = 0.0f;
    for (int c = 0; c < longs; c++) {
      for (int e = 0; e < 4; e++) {
        dot += query[from + 4 * c + e] * number(key[at + c], e);
      }
    }
    return dot;
  }

  /** Adds a weighted long of a value to an output. */
  static void add(float[] out, int at, float weight, long value) {
    for (int e = 0; e < 4; e++) {
      out[at + e] += weight * number(value, e);
    }
  }

  private static float number(long four, int e) {
    return BFloat16.bf16ToFloat((short) (four >> (16 * e)));
  }
}
