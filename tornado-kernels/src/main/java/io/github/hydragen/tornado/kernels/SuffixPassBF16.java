package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention of a few query rows to a range of keys that is read once, at the speed of memory: for
 * suffixes stored as BF16, four numbers in a long, with a head dimension of 128. CUDA only.
 *
 * <p>Each of the four warps of a work-group computes one {@link WorkItem} of at most {@value
 * #MAX_ROWS} rows for one key/value head, in tiles of {@value #TILE} keys; warps that follow each
 * other have heads that do. A tile of keys or values is always under way from memory while the
 * threads compute with another one. For the scores, {@value #LANES} threads share a key.
 */
public final class SuffixPassBF16 {
  /** The most rows of an item. */
  public static final int MAX_ROWS = 4;

  /** Threads of a work-group. */
  public static final int THREADS = 128;

  /** Heads of a work-group, of one item or of some that follow each other. */
  public static final int HEADS = THREADS / 32;

  private static final int TILE = 32;

  /** Longs of a head. */
  private static final int LONGS = 32;

  /** Threads that share a key. */
  private static final int LANES = 8;

  /** Keys that a warp has at a time, and parts of a key that a thread has. */
  private static final int LINES = 32 / LANES;

  /** Elements of a key that a thread has. */
  private static final int ELEMENTS = 4 * LINES;

  private SuffixPassBF16() {}

  /**
   * The pass; other arguments as in {@link TilePassF32#attend}.
   *
   * @param keys four BF16 numbers in each element
   * @param values like {@code keys}
   * @param firstItem the int of the first item; items times heads are a multiple of {@value #HEADS}
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
      int queryHeads,
      int kvHeads,
      int slots,
      float scale,
      float cap) {
    int head = context.groupIdx * HEADS;
    int thread = context.localIdx;
    attendHeads(
        context,
        thread,
        firstItem,
        head,
        queries,
        keys,
        values,
        work,
        states,
        lses,
        queryHeads,
        kvHeads,
        slots,
        scale,
        cap);
  }

  /**
   * The pass for {@value #HEADS} heads.
   *
   * @param thread of the work-group
   * @param item the int of an item
   * @param head the first head, counted from that item's first
   */
  static void attendHeads(
      KernelContext context,
      int thread,
      int item,
      int head,
      FloatArray queries,
      LongArray keys,
      LongArray values,
      IntArray work,
      FloatArray states,
      FloatArray lses,
      int queryHeads,
      int kvHeads,
      int slots,
      float scale,
      float cap) {
    int lane = thread & 31;
    int warp = thread >> 5;
    // Scores of a tile, then weights, of each warp and row.
    float[] weights = context.allocateFloatLocalArray(HEADS * MAX_ROWS * TILE);
    int ownWeights = warp * MAX_ROWS * TILE;

    // The warps meet at barriers, so each goes on for as long as any has keys.
    int longest = 0;
    for (int h = 0; h < HEADS; h++) {
      int other = item + (head + h) / kvHeads * WorkItem.INTS;
      longest = TornadoMath.max(longest, work.get(other + WorkItem.KEY_COUNT));
    }
    int own = item + (head + warp) / kvHeads * WorkItem.INTS;
    int kvHead = (head + warp) % kvHeads;
    int rowCount = work.get(own + WorkItem.ROW_COUNT);
    int firstRow = work.get(own + WorkItem.FIRST_ROW);
    int firstKey = work.get(own + WorkItem.FIRST_KEY);
    int keyCount = work.get(own + WorkItem.KEY_COUNT);
    int position = work.get(own + WorkItem.POSITION);
    int slot = work.get(own + WorkItem.SLOT);
    int entries = work.get(own + WorkItem.ENTRIES);

    int group = queryHeads / kvHeads;
    int maxRows = group > 2 ? MAX_ROWS : group;
    int part = lane % LANES;
    int line = lane / LANES;
    int[] stateRow = new int[MAX_ROWS];
    int[] first = new int[MAX_ROWS];
    int[] last = new int[MAX_ROWS];
    float[] query = new float[MAX_ROWS * ELEMENTS];
    float[] out = new float[4 * MAX_ROWS];
    float[] max = new float[MAX_ROWS];
    float[] sum = new float[MAX_ROWS];
    for (int r = 0; r < maxRows; r++) {
      // Rows beyond the last repeat it and are not written.
      int row = TornadoMath.max(0, firstRow + TornadoMath.min(r, rowCount - 1));
      int entry = (entries + row / group) * RowList.INTS;
      int queryHead = kvHead * group + row % group;
      int token = work.get(entry + RowList.TOKEN);
      stateRow[r] = (token * slots + slot) * queryHeads + queryHead;
      first[r] = work.get(entry + RowList.FIRST_VISIBLE) - position;
      last[r] = TornadoMath.min(work.get(entry + RowList.LAST_VISIBLE) - position, keyCount - 1);
      int at = (token * queryHeads + queryHead) * 4 * LONGS + 4 * part;
      for (int c = 0; c < LINES; c++) {
        for (int e = 0; e < 4; e++) {
          query[ELEMENTS * r + 4 * c + e] = queries.get(at + 4 * LANES * c + e) * scale;
        }
      }
      for (int e = 0; e < 4; e++) {
        out[4 * r + e] = 0.0f;
      }
      max[r] = Softmax.LOWEST;
      sum[r] = 0.0f;
    }
    int row = LONGS * kvHeads;
    // Without keys any that are there are read, and hidden.
    int base = (keyCount > 0 ? firstKey : 0) * row + LONGS * kvHead;
    int end = TornadoMath.max(0, keyCount - 1);
    long[] key = new long[TILE];
    long[] value = new long[TILE];
    if (longest > 0) {
      loadKeys(keys, key, base + part, row, line, end);
    }
    for (int tile = 0; tile < longest; tile += TILE) {
      loadValues(values, value, base + lane, row, tile, end);
      // In two loops, which are short enough to be unrolled: else keys would not be in registers.
      for (int i = 0; i < TILE / LINES / 2; i++) {
        for (int r = 0; r < maxRows; r++) {
          float dot = dot(key, LINES * i, query, ELEMENTS * r);
          dot += context.simdShuffleDown(dot, 4);
          dot += context.simdShuffleDown(dot, 2);
          dot += context.simdShuffleDown(dot, 1);
          if (part == 0) {
            weights[ownWeights + TILE * r + LINES * i + line] = dot;
          }
        }
      }
      for (int i = TILE / LINES / 2; i < TILE / LINES; i++) {
        for (int r = 0; r < maxRows; r++) {
          float dot = dot(key, LINES * i, query, ELEMENTS * r);
          dot += context.simdShuffleDown(dot, 4);
          dot += context.simdShuffleDown(dot, 2);
          dot += context.simdShuffleDown(dot, 1);
          if (part == 0) {
            weights[ownWeights + TILE * r + LINES * i + line] = dot;
          }
        }
      }
      loadKeys(keys, key, base + part, row, tile + TILE + line, end);
      context.localBarrier();
      for (int r = 0; r < maxRows; r++) {
        float dot = weights[ownWeights + TILE * r + lane];
        if (cap > 0.0f) {
          dot = cap * TornadoMath.tanh(dot / cap);
        }
        float score = Softmax.visible(dot, tile + lane, first[r], last[r]);
        float best = TornadoMath.max(score, context.simdShuffleDown(score, 16));
        best = TornadoMath.max(best, context.simdShuffleDown(best, 8));
        best = TornadoMath.max(best, context.simdShuffleDown(best, 4));
        best = TornadoMath.max(best, context.simdShuffleDown(best, 2));
        best = TornadoMath.max(best, context.simdShuffleDown(best, 1));
        float newMax = TornadoMath.max(max[r], context.simdBroadcastFirst(best));
        float factor = TornadoMath.exp(max[r] - newMax);
        float weight = TornadoMath.exp(score - newMax);
        max[r] = newMax;
        sum[r] = sum[r] * factor + weight;
        weights[ownWeights + TILE * r + lane] = weight;
        for (int e = 0; e < 4; e++) {
          out[4 * r + e] *= factor;
        }
      }
      context.localBarrier();
      for (int i = 0; i < TILE / 2; i++) {
        for (int r = 0; r < maxRows; r++) {
          add(out, 4 * r, weights[ownWeights + TILE * r + i], value[i]);
        }
      }
      for (int i = TILE / 2; i < TILE; i++) {
        for (int r = 0; r < maxRows; r++) {
          add(out, 4 * r, weights[ownWeights + TILE * r + i], value[i]);
        }
      }
      context.localBarrier();
    }
    for (int r = 0; r < maxRows; r++) {
      float total = context.simdSum(sum[r]);
      if (r < rowCount) {
        float inverse = Softmax.inverse(total);
        int at = stateRow[r] * 4 * LONGS + 4 * lane;
        for (int e = 0; e < 4; e++) {
          // What was read without keys may be no numbers.
          states.set(at + e, total > 0.0f ? out[4 * r + e] * inverse : 0.0f);
        }
        if (lane == 0) {
          lses.set(stateRow[r], Softmax.lse(max[r], total));
        }
      }
    }
  }

  /** Loads this thread's part of a tile's keys; keys beyond the last are read as the last. */
  private static void loadKeys(LongArray keys, long[] to, int at, int row, int key, int end) {
    for (int i = 0; i < TILE / LINES; i++) {
      int from = at + TornadoMath.min(key + LINES * i, end) * row;
      for (int c = 0; c < LINES; c++) {
        to[LINES * i + c] = keys.get(from + LANES * c);
      }
    }
  }

  /** Loads this thread's four elements of a tile's values. */
  private static void loadValues(LongArray values, long[] to, int at, int row, int key, int end) {
    for (int i = 0; i < TILE; i++) {
      to[i] = values.get(at + TornadoMath.min(key + i, end) * row);
    }
  }

  private static float dot(long[] key, int at, float[] query, int from) {
    float dot = 0.0f;
    for (int c = 0; c < LINES; c++) {
      for (int e = 0; e < 4; e++) {
        dot += query[from + 4 * c + e] * number(key[at + c], e);
      }
    }
    return dot;
  }

  private static void add(float[] out, int at, float weight, long value) {
    for (int e = 0; e < 4; e++) {
      out[at + e] += weight * number(value, e);
    }
  }

  private static float number(long four, int e) {
    return BFloat16.bf16ToFloat((short) (four >> (16 * e)));
  }
}
