package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * Attention of one query row to a range of keys that is read once: for suffixes of shapes with a
 * query head for each key/value head, stored as F16, with a head dimension of at most 128. CUDA
 * only.
 *
 * <p>Each of the four warps of a work-group computes one {@link WorkItem} for one head, as in
 * {@link SuffixRowBF16}. It reads pairs of numbers, which TornadoVM cannot keep in arrays while
 * they are under way. So a tile is brought to the cache of the multiprocessor while the threads
 * compute with the one before, by a read of a pair from each sector, and is read as a whole when it
 * is needed: beside prefixes, where few warps are, that takes 5% less of a step on an H200
 * (2026-11-29).
 */
public final class SuffixRowF16 {
  private static final int TILE = 32;

  /** Threads that share a key. */
  private static final int LANES = 8;

  /** Keys that a warp has at a time. */
  private static final int LINES = 32 / LANES;

  /** The most pairs of a key that a thread has. */
  private static final int PAIRS = SuffixRows.DIM / 2 / LANES;

  /** Elements of a sector of 32 bytes, of which a row has as many as {@link #LANES} or half. */
  private static final int SECTOR = 16;

  /** A number that no half is. */
  private static final float UNHALF = 70000.0f;

  private SuffixRowF16() {}

  /**
   * The pass; arguments as in {@link TilePassF32#attend}.
   *
   * @param firstItem the int of the first item; items times heads are a multiple of {@value
   *     SuffixRowBF16#HEADS}
   * @param dim elements between the starts of heads, 64 or 128
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
      int heads,
      int dim,
      int slots,
      float scale,
      float cap) {
    int firstHead = context.groupIdx * SuffixRowBF16.HEADS;
    int thread = context.localIdx;
    attendHeads(
        context, thread, firstItem, firstHead, queries, keys, values, work, states, lses, heads,
        dim, slots, scale, cap);
  }

  /**
   * The pass for {@value SuffixRowBF16#HEADS} heads.
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
      HalfFloatArray keys,
      HalfFloatArray values,
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
    float[] weights = context.allocateFloatLocalArray(SuffixRowBF16.HEADS * TILE);
    int ownWeights = warp * TILE;

    // Never negative, which the divisions below rely on and the lint cannot know.
    int from = TornadoMath.max(0, firstHead);
    int longest = SuffixRowBF16.longest(work, item, from, heads);
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

    int pairs = dim / 2 / LANES;
    boolean wide = dim > SuffixRows.DIM / 2;
    int part = lane % LANES;
    int line = lane / LANES;
    int sector = SECTOR * TornadoMath.min(part, dim / SECTOR - 1);
    int queryAt = (token * heads + head) * dim + 2 * part;
    float[] query = new float[2 * PAIRS];
    for (int c = 0; c < pairs; c++) {
      for (int e = 0; e < 2; e++) {
        query[2 * c + e] = queries.get(queryAt + 2 * LANES * c + e) * scale;
      }
    }
    float[] out = new float[4];
    for (int e = 0; e < 4; e++) {
      out[e] = 0.0f;
    }
    float max = Softmax.LOWEST;
    float sum = 0.0f;
    int row = dim * heads;
    // Without keys any that are there are read, and hidden.
    int firstKey = keyCount > 0 ? work.get(own + WorkItem.FIRST_KEY) : 0;
    int base = firstKey * row + dim * head;
    int end = TornadoMath.max(0, keyCount - 1);
    float[] dots = new float[LANES];
    for (int tile = 0; tile < longest; tile += TILE) {
      float ahead = touch(values, base + sector, row, tile + line, end);
      // All are asked for before the first sum is stored: a read waits for the stores before it.
      for (int i = 0; i < LANES; i++) {
        int key = TornadoMath.min(tile + LINES * i + line, end);
        int at = base + key * row + 2 * part;
        dots[i] = 0.0f;
        for (int c = 0; c < pairs; c++) {
          Half2 pair = keys.getHalf2(at + 2 * LANES * c);
          dots[i] += query[2 * c] * Half2.lowFloat(pair);
          dots[i] += query[2 * c + 1] * Half2.highFloat(pair);
        }
      }
      for (int i = 0; i < LANES; i++) {
        float dot = dots[i];
        dot += context.simdShuffleDown(dot, 4);
        dot += context.simdShuffleDown(dot, 2);
        dot += context.simdShuffleDown(dot, 1);
        if (part == 0) {
          weights[ownWeights + LINES * i + line] = dot;
        }
      }
      // Never so, but reads without a use would be left out.
      if (ahead == UNHALF) {
        weights[ownWeights] = ahead;
      }
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
      float next = touch(keys, base + sector, row, tile + TILE + line, end);
      // TornadoVM unrolls no longer loops, and what is not unrolled has two reads under way.
      for (int eight = 0; eight < TILE; eight += 8) {
        for (int i = 0; i < 8; i++) {
          int at = base + TornadoMath.min(tile + eight + i, end) * row + 2 * lane;
          float keyWeight = weights[ownWeights + eight + i];
          Half2 first = values.getHalf2(at);
          out[0] += keyWeight * Half2.lowFloat(first);
          out[1] += keyWeight * Half2.highFloat(first);
          if (wide) {
            Half2 second = values.getHalf2(at + SuffixRows.DIM / 2);
            out[2] += keyWeight * Half2.lowFloat(second);
            out[3] += keyWeight * Half2.highFloat(second);
          }
        }
      }
      if (next == UNHALF) {
        out[0] = next;
      }
      context.localBarrier();
    }
    float total = context.simdSum(sum);
    if (rowCount > 0) {
      int state = (token * slots + work.get(own + WorkItem.SLOT)) * heads + head;
      float inverse = Softmax.inverse(total);
      int at = state * dim + 2 * lane;
      for (int e = 0; e < 2; e++) {
        // What was read without keys may be no numbers.
        states.set(at + e, total > 0.0f ? out[e] * inverse : 0.0f);
      }
      if (wide) {
        for (int e = 0; e < 2; e++) {
          states.set(at + SuffixRows.DIM / 2 + e, total > 0.0f ? out[2 + e] * inverse : 0.0f);
        }
      }
      if (lane == 0) {
        lses.set(state, Softmax.lse(max, total));
      }
    }
  }

  /**
   * Brings a tile of keys or values to the cache of the multiprocessor; a thread reads the start of
   * a sector of every {@value #LINES}th row.
   *
   * @param at the sector in the first row
   * @return something that depends on all reads, and is never {@link #UNHALF}
   */
  private static float touch(HalfFloatArray stored, int at, int row, int key, int end) {
    float largest = 0.0f;
    for (int i = 0; i < LANES; i++) {
      Half2 pair = stored.getHalf2(at + TornadoMath.min(key + LINES * i, end) * row);
      largest = TornadoMath.max(largest, Half2.lowFloat(pair));
    }
    return largest;
  }
}
