package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * Attention of two to four query rows to a range of keys that is read once: for suffixes stored as
 * F16 with a head dimension of at most 128. CUDA only.
 *
 * <p>One warp, a work-group of its own, computes one {@link WorkItem} of at most {@link
 * SuffixPassBF16#MAX_ROWS} rows for one key/value head, in tiles of {@value #TILE} keys. It reads
 * pairs of numbers, which TornadoVM cannot keep in arrays: unlike {@link SuffixPassBF16} it has no
 * values under way while it computes scores. For the scores, {@code lanes} threads share a key;
 * their partial sums meet in local memory, where thread {@code i} adds up those of key {@code i}.
 *
 * <p>An item that is the last of its tokens goes on with the states before it, so that its own need
 * not go through memory, and writes the outputs.
 */
public final class SuffixPassF16 {
  private static final int TILE = 32;

  private static final int HALF = 16;

  private SuffixPassF16() {}

  /** The pass; arguments as in {@link SuffixPassBF16#attend}, but for the type of those stored. */
  public static void attend(
      KernelContext context,
      FloatArray queries,
      HalfFloatArray keys,
      HalfFloatArray values,
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
    int lane = context.localIdx;
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    // Partial sums: rows are as far apart as lets a warp write to 32 different banks. Only one of
    // the two is left in the compiled kernel.
    float[] few = context.allocateFloatLocalArray(2 * 8 * 36);
    float[] many = context.allocateFloatLocalArray(SuffixPassBF16.MAX_ROWS * 16 * 34);
    float[] weights = context.allocateFloatLocalArray(SuffixPassBF16.MAX_ROWS * TILE);
    // What was found of each row.
    int[] outRow = context.allocateIntLocalArray(SuffixPassBF16.THREADS);
    int[] stateRow = context.allocateIntLocalArray(SuffixPassBF16.THREADS);
    int[] firstVisible = context.allocateIntLocalArray(SuffixPassBF16.THREADS);
    int[] lastVisible = context.allocateIntLocalArray(SuffixPassBF16.THREADS);

    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    if (rowCount == 0) {
      return;
    }
    int group = queryHeads / kvHeads;
    // The most rows of an item, and the threads that share a key.
    int maxRows = group > 2 ? SuffixPassBF16.MAX_ROWS : 2;
    int lanes = group > 2 ? 16 : 8;
    int firstKey = work.get(item + WorkItem.FIRST_KEY);
    int keyCount = work.get(item + WorkItem.KEY_COUNT);
    int slot = work.get(item + WorkItem.SLOT);
    int last = work.get(item + WorkItem.LAST);

    int part = lane % lanes;
    int line = lane / lanes;
    int lines = 32 / lanes;
    // Keys whose products are computed at once. With two rows and half a tile a multiprocessor has
    // registers for more warps than its cache has room for: each sector is read twice.
    int pairs = group > 2 ? dim >> 5 : dim >> 4;
    // Of 64 elements a thread has two, and the same again in place of those far behind.
    boolean wide = dim > SuffixRows.DIM / 2;
    int some = group > 2 && wide ? HALF : TILE;
    int far = wide ? SuffixRows.DIM / 2 : 0;
    int row = dim * kvHeads;
    int base = firstKey * row + dim * kvHead;
    int end = keyCount - 1;
    float[] query = new float[32];
    float[] value = new float[4 * SuffixPassBF16.MAX_ROWS];
    float[] max = new float[SuffixPassBF16.MAX_ROWS];
    float[] sum = new float[SuffixPassBF16.MAX_ROWS];
    float[] dots = new float[64];
    // Each thread for one row; those beyond the last are not written.
    int[] found = new int[4];
    SuffixRows.find(work, item, lane, kvHead, queryHeads, group, slots, found);
    outRow[lane] = found[SuffixRows.OUT];
    stateRow[lane] = found[SuffixRows.STATE];
    firstVisible[lane] = found[SuffixRows.FIRST];
    lastVisible[lane] = found[SuffixRows.LAST];
    context.localBarrier();
    for (int r = 0; r < maxRows; r++) {
      int at = outRow[r] * dim + 2 * part;
      for (int c = 0; c < pairs; c++) {
        for (int e = 0; e < 2; e++) {
          query[2 * (pairs * r + c) + e] = queries.get(at + 2 * lanes * c + e) * scale;
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
        SuffixRows.merge(states, lses, state, dim, 2 * lane, far, r, max, sum, value);
      }
    }
    // From here on the sum of a row is that of its threads.
    for (int r = 0; r < maxRows; r++) {
      sum[r] = lane == 0 ? sum[r] : 0.0f;
    }
    for (int tile = 0; tile < keyCount; tile += TILE) {
      int most = TornadoMath.min(TILE, keyCount - tile);
      for (int half = 0; half < most; half += some) {
        // All are asked for before the first sum is stored: a read waits for the stores before it.
        for (int first = 0; first < some / lines; first += 8) {
          for (int i = first; i < first + 8; i++) {
            int key = TornadoMath.min(tile + half + lines * i + line, end);
            int at = base + key * row + 2 * part;
            for (int r = 0; r < maxRows; r++) {
              dots[maxRows * i + r] = 0.0f;
            }
            for (int c = 0; c < pairs; c++) {
              Half2 pair = keys.getHalf2(at + 2 * lanes * c);
              float low = Half2.lowFloat(pair);
              float high = Half2.highFloat(pair);
              for (int r = 0; r < maxRows; r++) {
                int q = 2 * (pairs * r + c);
                dots[maxRows * i + r] += query[q] * low;
                dots[maxRows * i + r] += query[q + 1] * high;
              }
            }
          }
        }
        for (int i = 0; i < some / lines; i++) {
          for (int r = 0; r < maxRows; r++) {
            if (lanes == 16) {
              many[(16 * r + part) * 34 + half + lines * i + line] = dots[maxRows * i + r];
            } else {
              few[(8 * r + part) * 36 + half + lines * i + line] = dots[maxRows * i + r];
            }
          }
        }
      }
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
      for (int half = 0; half < most; half += HALF) {
        // TornadoVM unrolls no longer loops.
        for (int first = 0; first < HALF; first += 8) {
          for (int i = 0; i < 8; i++) {
            int at = base + TornadoMath.min(tile + half + first + i, end) * row + 2 * lane;
            Half2 pair = values.getHalf2(at);
            float v0 = Half2.lowFloat(pair);
            float v1 = Half2.highFloat(pair);
            float v2 = 0.0f;
            float v3 = 0.0f;
            if (wide) {
              Half2 other = values.getHalf2(at + SuffixRows.DIM / 2);
              v2 = Half2.lowFloat(other);
              v3 = Half2.highFloat(other);
            }
            for (int r = 0; r < maxRows; r++) {
              float weight = weights[TILE * r + half + first + i];
              value[4 * r] += weight * v0;
              value[4 * r + 1] += weight * v1;
              value[4 * r + 2] += weight * v2;
              value[4 * r + 3] += weight * v3;
            }
          }
        }
      }
    }
    for (int r = 0; r < maxRows; r++) {
      sum[r] = context.simdSum(sum[r]);
    }
    for (int r = 0; r < maxRows; r++) {
      if (r < rowCount) {
        float inverse = Softmax.inverse(sum[r]);
        float lse = Softmax.lse(max[r], sum[r]);
        int state = stateRow[r] + slot * queryHeads;
        if (last == 1) {
          int at = outRow[r] * dim + 2 * lane;
          for (int e = 0; e < 2; e++) {
            out.set(at + e, value[4 * r + e] * inverse);
          }
          if (wide) {
            for (int e = 0; e < 2; e++) {
              out.set(at + SuffixRows.DIM / 2 + e, value[4 * r + 2 + e] * inverse);
            }
          }
          if (lane == 0) {
            outLses.set(outRow[r], lse);
          }
        } else {
          int at = state * dim + 2 * lane;
          for (int e = 0; e < 2; e++) {
            states.set(at + e, value[4 * r + e] * inverse);
          }
          if (wide) {
            for (int e = 0; e < 2; e++) {
              states.set(at + SuffixRows.DIM / 2 + e, value[4 * r + 2 + e] * inverse);
            }
          }
          if (lane == 0) {
            lses.set(state, lse);
          }
        }
      }
    }
  }
}
