package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention of two to four query rows to a range of keys that is read once, at the speed of memory:
 * for suffixes stored as BF16, four numbers in a long, with a head dimension of 128. CUDA only.
 *
 * <p>One warp, a work-group of its own, computes one {@link WorkItem} of at most {@value #MAX_ROWS}
 * rows for one key/value head, in tiles of {@value #TILE} keys. Half a tile of keys or values is
 * always under way from memory while the threads compute with another one. For the scores, {@code
 * lanes} threads share a key; their partial sums meet in local memory, where thread {@code i} adds
 * up those of key {@code i}.
 *
 * <p>An item that is the last of its tokens merges the states before it with its own, which then
 * need not go through memory, and writes the outputs.
 */
public final class SuffixPassBF16 {
  /** The most rows of an item. */
  public static final int MAX_ROWS = 4;

  /** Threads of a work-group. */
  public static final int THREADS = 32;

  private static final int TILE = 32;

  private static final int HALF = 16;

  /** Longs of a head. */
  private static final int LONGS = 32;

  private SuffixPassBF16() {}

  /**
   * The pass; arguments as in {@link TilePassF32#attend}.
   *
   * @param keys four BF16 numbers in each element
   * @param values like {@code keys}
   * @param out of items that are the last of their tokens, as in {@link Merge#merge}
   * @param outLses like {@code out}
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
      int kvHeads,
      int slots,
      float scale,
      float cap) {
    int lane = context.localIdx;
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    // Partial sums: rows are as far apart as lets a warp write to 32 different banks. Only one of
    // the two is left in the compiled kernel.
    float[] few = context.allocateFloatLocalArray(2 * 8 * 36);
    float[] many = context.allocateFloatLocalArray(MAX_ROWS * 16 * 34);
    float[] weights = context.allocateFloatLocalArray(MAX_ROWS * TILE);

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
    int row = LONGS * kvHeads;
    int base = firstKey * row + LONGS * kvHead;
    int end = keyCount - 1;
    long[] one = new long[HALF];
    long[] other = new long[HALF];
    // On their way while the queries are looked up.
    if (keyCount > 0) {
      loadKeys(keys, one, base + part, row, line, end, lanes);
    }
    int elements = 128 / lanes;
    int[] outRow = new int[MAX_ROWS];
    int[] stateRow = new int[MAX_ROWS];
    int[] firstVisible = new int[MAX_ROWS];
    int[] lastVisible = new int[MAX_ROWS];
    float[] query = new float[64];
    float[] value = new float[4 * MAX_ROWS];
    float[] max = new float[MAX_ROWS];
    float[] sum = new float[MAX_ROWS];
    for (int r = 0; r < maxRows; r++) {
      // Rows beyond the last are not written.
      SuffixRows.find(
          work,
          item,
          r,
          kvHead,
          queryHeads,
          group,
          slots,
          outRow,
          stateRow,
          firstVisible,
          lastVisible);
      int at = outRow[r] * 4 * LONGS + 4 * part;
      for (int c = 0; c < lines; c++) {
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
    for (int tile = 0; tile < keyCount; tile += TILE) {
      // Loads go on without a second half: if they did not, it would take 190 registers for 168.
      int whole = tile + HALF < keyCount ? 1 : 0;
      loadKeys(keys, other, base + part, row, tile + HALF + line, end, lanes);
      for (int i = 0; i < HALF / lines; i++) {
        for (int r = 0; r < maxRows; r++) {
          float dot = dot(one, lines * i, query, elements * r, lines);
          if (lanes == 16) {
            many[(16 * r + part) * 34 + lines * i + line] = dot;
          } else {
            few[(8 * r + part) * 36 + lines * i + line] = dot;
          }
        }
      }
      loadValues(values, one, base + lane, row, tile, end);
      if (whole == 1) {
        for (int i = 0; i < HALF / lines; i++) {
          for (int r = 0; r < maxRows; r++) {
            float dot = dot(other, lines * i, query, elements * r, lines);
            if (lanes == 16) {
              many[(16 * r + part) * 34 + HALF + lines * i + line] = dot;
            } else {
              few[(8 * r + part) * 36 + HALF + lines * i + line] = dot;
            }
          }
        }
      }
      context.localBarrier();
      // Without a second half the lanes of its keys read others' sums, which then are hidden.
      int key = whole == 1 ? lane : lane & (HALF - 1);
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
      loadValues(values, other, base + lane, row, tile + HALF, end);
      for (int i = 0; i < HALF; i++) {
        for (int r = 0; r < maxRows; r++) {
          add(value, 4 * r, weights[TILE * r + i], one[i]);
        }
      }
      loadKeys(keys, one, base + part, row, tile + TILE + line, end, lanes);
      if (whole == 1) {
        for (int i = 0; i < HALF; i++) {
          for (int r = 0; r < maxRows; r++) {
            add(value, 4 * r, weights[TILE * r + HALF + i], other[i]);
          }
        }
      }
    }
    for (int r = 0; r < maxRows; r++) {
      sum[r] = context.simdSum(sum[r]);
    }
    // The last pass over a token merges: what the others found is there by now.
    int before = last == 1 ? slot : 0;
    for (int s = 0; s < before; s++) {
      for (int r = 0; r < maxRows; r++) {
        int state = stateRow[r] + s * queryHeads;
        SuffixRows.merge(states, lses, state, 4 * lane, 2, r, max, sum, value);
      }
    }
    for (int r = 0; r < maxRows; r++) {
      if (r < rowCount) {
        float inverse = Softmax.inverse(sum[r]);
        float lse = Softmax.lse(max[r], sum[r]);
        int state = stateRow[r] + slot * queryHeads;
        if (last == 1) {
          for (int e = 0; e < 4; e++) {
            out.set(outRow[r] * 4 * LONGS + 4 * lane + e, value[4 * r + e] * inverse);
          }
          if (lane == 0) {
            outLses.set(outRow[r], lse);
          }
        } else {
          for (int e = 0; e < 4; e++) {
            states.set(state * 4 * LONGS + 4 * lane + e, value[4 * r + e] * inverse);
          }
          if (lane == 0) {
            lses.set(state, lse);
          }
        }
      }
    }
  }

  /** Loads this thread's part of 16 keys; keys beyond the last are read as the last. */
  private static void loadKeys(
      LongArray keys, long[] to, int at, int row, int key, int end, int lanes) {
    int lines = 32 / lanes;
    for (int i = 0; i < HALF / lines; i++) {
      int from = at + TornadoMath.min(key + lines * i, end) * row;
      for (int c = 0; c < lines; c++) {
        to[lines * i + c] = keys.get(from + lanes * c);
      }
    }
  }

  /** Loads this thread's four elements of 16 values. */
  private static void loadValues(LongArray values, long[] to, int at, int row, int key, int end) {
    for (int i = 0; i < HALF; i++) {
      to[i] = values.get(at + TornadoMath.min(key + i, end) * row);
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
