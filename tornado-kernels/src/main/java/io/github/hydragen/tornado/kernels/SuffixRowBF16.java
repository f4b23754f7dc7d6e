package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention of one query row to a range of keys that is read once, at the speed of memory: for
 * suffixes of shapes with a query head for each key/value head, stored as BF16, four numbers in a
 * long, with a head dimension of at most 128. CUDA only.
 *
 * <p>Each of the four warps of a work-group computes one {@link WorkItem} for one head, in tiles of
 * {@value #TILE} keys; warps that follow each other have heads that do. A tile of keys or values is
 * always under way from memory while the threads compute with another one, so that few warps keep
 * memory busy. For the scores, {@value #LANES} threads share a key.
 */
public final class SuffixRowBF16 {
  /** Threads of a work-group. */
  public static final int THREADS = 128;

  /** Heads of a work-group, of one item or of some that follow each other. */
  public static final int HEADS = THREADS / 32;

  private static final int TILE = 32;

  /** Threads that share a key. */
  private static final int LANES = 8;

  /** Keys that a warp has at a time, and parts of a key that a thread has. */
  private static final int LINES = 32 / LANES;

  /** Elements of a key that a thread has. */
  private static final int ELEMENTS = 4 * LINES;

  private SuffixRowBF16() {}

  /**
   * The pass; other arguments as in {@link TilePassF32#attend}.
   *
   * @param keys four BF16 numbers in each element
   * @param values like {@code keys}
   * @param firstItem the int of the first item; items times heads are a multiple of {@value #HEADS}
   * @param dim elements between the starts of heads, 64 or 128
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
      int heads,
      int dim,
      int slots,
      float scale,
      float cap) {
    int firstHead = context.groupIdx * HEADS;
    int thread = context.localIdx;
    attendHeads(
        context, thread, firstItem, firstHead, queries, keys, values, work, states, lses, heads,
        dim, slots, scale, cap);
  }

  /**
   * The pass for {@value #HEADS} heads.
   *
   * @param thread of the work-group
   * @param item the int of an item
   * @param firstHead the first head, counted from that item's first
   */
  static void attendHeads(
      KernelContext context,
      int thread,
      int item,
      int firstHead,
      FloatArray queries,
      LongArray keys,
      LongArray values,
      IntArray work,
      FloatArray states,
      FloatArray lses,
      int heads,
      int dim,
      int slots,
      float scale,
      float cap) {
    int lane = thread & 31;
    int warp = thread >> 5;
    // Scores of a tile, then weights, of each warp.
    float[] weights = context.allocateFloatLocalArray(HEADS * TILE);
    int ownWeights = warp * TILE;

    // Never negative, which the divisions below rely on and the lint cannot know.
    int from = TornadoMath.max(0, firstHead);
    int longest = longest(work, item, from, heads);
    int own = item + (from + warp) / heads * WorkItem.INTS;
    int head = (from + warp) % heads;
    int rowCount = work.get(own + WorkItem.ROW_COUNT);
    int keyCount = work.get(own + WorkItem.KEY_COUNT);
    int position = work.get(own + WorkItem.POSITION);
    int entry =
        (work.get(own + WorkItem.ENTRIES) + work.get(own + WorkItem.FIRST_ROW)) * RowList.INTS;
    int token = work.get(entry + RowList.TOKEN);
    int firstVisible = work.get(entry + RowList.FIRST_VISIBLE) - position;
    int lastVisible =
        TornadoMath.min(work.get(entry + RowList.LAST_VISIBLE) - position, keyCount - 1);

    int longs = dim / 4;
    int parts = longs / LANES;
    int part = lane % LANES;
    int line = lane / LANES;
    float[] query = new float[ELEMENTS];
    for (int c = 0; c < parts; c++) {
      for (int e = 0; e < 4; e++) {
        int element = (token * heads + head) * dim + 4 * part + 4 * LANES * c + e;
        query[4 * c + e] = queries.get(element) * scale;
      }
    }
    float[] out = new float[4];
    for (int e = 0; e < 4; e++) {
      out[e] = 0.0f;
    }
    float max = Softmax.LOWEST;
    float sum = 0.0f;
    int row = longs * heads;
    // Without keys any that are there are read, and hidden.
    int firstKey = keyCount > 0 ? work.get(own + WorkItem.FIRST_KEY) : 0;
    int base = firstKey * row + longs * head;
    // Threads beyond the last element read the last again, and write nothing.
    int ownLong = TornadoMath.min(lane, longs - 1);
    int end = TornadoMath.max(0, keyCount - 1);
    long[] key = new long[TILE];
    long[] value = new long[TILE];
    if (longest > 0) {
      loadKeys(keys, key, base + part, row, line, end, parts);
    }
    for (int tile = 0; tile < longest; tile += TILE) {
      loadValues(values, value, base + ownLong, row, tile, end);
      for (int i = 0; i < LANES; i++) {
        float dot = SuffixPassBF16.dot(key, LINES * i, query, 0, parts);
        dot += context.simdShuffleDown(dot, 4);
        dot += context.simdShuffleDown(dot, 2);
        dot += context.simdShuffleDown(dot, 1);
        if (part == 0) {
          weights[ownWeights + LINES * i + line] = dot;
        }
      }
      loadKeys(keys, key, base + part, row, tile + TILE + line, end, parts);
      context.localBarrier();
      float score = weights[ownWeights + lane];
      if (cap > 0.0f) {
        score = cap * TornadoMath.tanh(score / cap);
      }
      score = Softmax.visible(score, tile + lane, firstVisible, lastVisible);
      float newMax = TornadoMath.max(max, Softmax.largest(context, score));
      float factor = TornadoMath.exp(max - newMax);
      float weight = TornadoMath.exp(score - newMax);
      max = newMax;
      sum = sum * factor + weight;
      weights[ownWeights + lane] = weight;
      for (int e = 0; e < 4; e++) {
        out[e] *= factor;
      }
      context.localBarrier();
      for (int i = 0; i < TILE; i++) {
        SuffixPassBF16.add(out, 0, weights[ownWeights + i], value[i]);
      }
      context.localBarrier();
    }
    float total = context.simdSum(sum);
    if (rowCount > 0) {
      int state = (token * slots + work.get(own + WorkItem.SLOT)) * heads + head;
      float inverse = Softmax.inverse(total);
      if (lane < longs) {
        for (int e = 0; e < 4; e++) {
          // What was read without keys may be no numbers.
          float element = total > 0.0f ? out[e] * inverse : 0.0f;
          states.set(state * dim + 4 * lane + e, element);
        }
      }
      if (lane == 0) {
        lses.set(state, Softmax.lse(max, total));
      }
    }
  }

  /**
   * The most keys of a work-group's items: its warps meet at barriers, so each goes on for as long
   * as any has keys.
   */
  static int longest(IntArray work, int item, int firstHead, int heads) {
    int longest = 0;
    for (int h = 0; h < HEADS; h++) {
      int other = item + (firstHead + h) / heads * WorkItem.INTS;
      longest = TornadoMath.max(longest, work.get(other + WorkItem.KEY_COUNT));
    }
    return longest;
  }

  /** Loads this thread's part of a tile's keys; keys beyond the last are read as the last. */
  private static void loadKeys(
      LongArray keys, long[] to, int at, int row, int key, int end, int parts) {
    for (int i = 0; i < TILE / LINES; i++) {
      int from = at + TornadoMath.min(key + LINES * i, end) * row;
      for (int c = 0; c < parts; c++) {
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
}
