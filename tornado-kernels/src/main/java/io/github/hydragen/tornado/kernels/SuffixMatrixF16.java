package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * {@link SuffixMatrixBF16} for suffixes stored as F16, which TornadoVM reads in pairs that no array
 * of a thread can hold: they are copied to local memory with nothing in between, values while
 * scores are computed, the next keys while outputs are. Queries are scaled to what half precision
 * holds, each row by a number of its own.
 */
public final class SuffixMatrixF16 {
  /** What the largest number of a query is scaled to: half precision holds it with room above. */
  private static final float LARGEST = 16_384.0f;

  private SuffixMatrixF16() {}

  /** The pass; arguments as in {@link SuffixPassBF16#attend}, keys and values in halves. */
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
    int halves = dim >> 6;
    int thread = context.localIdx & (SuffixTile.MAX_THREADS - 1);
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    // Multiples of 16 bytes, as fragments are read from such addresses.
    int[] tile = context.allocateIntLocalArray(2 * 2 * SuffixTile.HALF_TILE);
    long[] weights = context.allocateLongLocalArray(2 * SuffixTile.WEIGHTS);
    float[] exchange = context.allocateFloatLocalArray(4 + 4 * SuffixTile.MAX_THREADS);
    // Of each row: the largest score of a tile, at the end the sum of all weights.
    float[] found = context.allocateFloatLocalArray(SuffixTile.MAX_ROWS);
    // By what a row's queries were divided.
    float[] divisors = context.allocateFloatLocalArray(SuffixTile.MAX_ROWS);
    int[] outRow = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] stateRow = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] firstVisible = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] lastVisible = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] weightTile = (int[]) (Object) weights;
    FloatArray registers = (FloatArray) (Object) exchange;

    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    if (rowCount == 0) {
      return;
    }
    int group = queryHeads / kvHeads;
    int warps = group > SuffixTile.WARP_ROWS ? 2 : 1;
    int firstKey = work.get(item + WorkItem.FIRST_KEY);
    int keyCount = work.get(item + WorkItem.KEY_COUNT);
    int slot = work.get(item + WorkItem.SLOT);
    int last = work.get(item + WorkItem.LAST);

    int lane = thread & (SuffixTile.WARP - 1);
    int warp = thread >> 5;
    int quad = lane >> 2;
    int inQuad = lane & 3;
    // As in MatrixPass: mmaStore puts a thread's four numbers where it reads them back, which
    // compilers see and keep in registers.
    float nothing = 0.0f;
    int zeroBits = new HalfFloat(nothing).getHalfFloatValue() & 0xFFFF;
    int own = (zeroBits * zeroBits & 2) + (4 + 2 * thread);
    int exchangeRow = -quad;
    int exchangeColumn = own - 4 - 2 * inQuad;

    if (thread < SuffixTile.MAX_ROWS) {
      int[] of = new int[4];
      SuffixRows.find(work, item, thread, kvHead, queryHeads, group, slots, of);
      outRow[thread] = of[SuffixRows.OUT];
      stateRow[thread] = of[SuffixRows.STATE];
      firstVisible[thread] = of[SuffixRows.FIRST];
      lastVisible[thread] = of[SuffixRows.LAST];
    }
    context.localBarrier();

    // A thread has two rows of scores, and one of outputs.
    int warpRow = warp * SuffixTile.WARP_ROWS;
    int row0 = warpRow + 2 * inQuad;
    int row1 = row0 + 1;
    int rowOut = warpRow + quad;
    // Threads beyond the last element read the last again, which no product then has.
    int ownLong = TornadoMath.min(lane, (dim >> 2) - 1);
    float[] query = new float[4 * SuffixTile.WARP_ROWS];
    for (int r = 0; r < SuffixTile.WARP_ROWS; r++) {
      int at = outRow[warpRow + r] * dim + 4 * ownLong;
      for (int e = 0; e < 4; e++) {
        query[4 * r + e] = queries.get(at + e);
      }
    }
    int row = dim * kvHeads;
    int base = firstKey * row + dim * kvHead + 2 * lane;
    if (keyCount > 0) {
      for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
        int key = i * warps + warp;
        int from = base + readKey(key, 0, keyCount) * row;
        int to = (SuffixTile.place(key) >> 2) + lane;
        context.asyncCopyToLocal(tile, to, keys, from);
        if (halves > 1) {
          context.asyncCopyToLocal(tile, to + SuffixTile.LONGS, keys, from + SuffixRows.DIM / 2);
        }
      }
    }
    context.asyncCopyCommit();

    float[] value = new float[SuffixRows.DIM / 4];
    for (int i = 0; i < SuffixRows.DIM / 4; i++) {
      value[i] = 0.0f;
    }
    float outMax = Softmax.LOWEST;
    float outSum = 0.0f;
    // The last pass over a token goes on with what the others found, which is there by now.
    int before = last == 1 ? slot : 0;
    for (int s = 0; s < before; s++) {
      int state = stateRow[rowOut] + s * queryHeads;
      float lse = lses.get(state);
      float newMax = TornadoMath.max(outMax, lse);
      float keep = TornadoMath.exp(outMax - newMax);
      float weight = TornadoMath.exp(lse - newMax);
      outMax = newMax;
      outSum = outSum * keep + weight;
      SuffixTile.merge(states, state * dim + 2 * inQuad, dim, keep, weight, value);
    }

    // Queries, by way of the place of the values. Rows of 16 bytes lie so that ldmatrix, which
    // reads eight of them, meets all banks; what mmaLoadA adds for a lane is taken off.
    int queryLongs = SuffixTile.HALF_TILE + warp * (2 * SuffixTile.QUERIES);
    for (int r = 0; r < SuffixTile.WARP_ROWS; r++) {
      float largest = 0.0f;
      for (int e = 0; e < 4; e++) {
        largest = TornadoMath.max(largest, TornadoMath.abs(query[4 * r + e]));
      }
      float divisor = Softmax.largest(context, largest) * TornadoMath.abs(scale) / LARGEST;
      divisor = divisor > 0.0f ? divisor : 1.0f;
      if (lane == 0) {
        divisors[warpRow + r] = divisor;
      }
      float factor = scale / divisor;
      float a = query[4 * r] * factor;
      float b = query[4 * r + 1] * factor;
      float c = query[4 * r + 2] * factor;
      float d = query[4 * r + 3] * factor;
      int at = 2 * (queryLongs + r * SuffixTile.KEY_LONGS + lane);
      tile[at] = pair(a, b);
      tile[at + 1] = pair(c, d);
      tile[at + 2 * SuffixTile.QUERIES] = rest(a, b);
      tile[at + 2 * SuffixTile.QUERIES + 1] = rest(c, d);
    }
    if (inQuad == 0) {
      found[rowOut] = outMax;
    }
    context.localBarrier();
    int right = lane & 7;
    int half = lane >> 3 & 1;
    int leftBack = (half * 8 + right) * 32 + (lane >> 4) * 16;
    int rightBack = right * 16 + half * 128;
    int queryAt = 8 * queryLongs + right * SuffixTile.KEY_BYTES + 16 * half - leftBack;
    HalfFloat[] h0 = context.mmaLoadA(tile, 16, queryAt);
    HalfFloat[] h1 = context.mmaLoadA(tile, 16, queryAt + 32);
    HalfFloat[] h2 = context.mmaLoadA(tile, 16, queryAt + 64);
    HalfFloat[] h3 = context.mmaLoadA(tile, 16, queryAt + 96);
    HalfFloat[] h4 = context.mmaLoadA(tile, 16, queryAt + 128);
    HalfFloat[] h5 = context.mmaLoadA(tile, 16, queryAt + 160);
    HalfFloat[] h6 = context.mmaLoadA(tile, 16, queryAt + 192);
    HalfFloat[] h7 = context.mmaLoadA(tile, 16, queryAt + 224);
    int restAt = queryAt + 8 * SuffixTile.QUERIES;
    HalfFloat[] l0 = context.mmaLoadA(tile, 16, restAt);
    HalfFloat[] l1 = context.mmaLoadA(tile, 16, restAt + 32);
    HalfFloat[] l2 = context.mmaLoadA(tile, 16, restAt + 64);
    HalfFloat[] l3 = context.mmaLoadA(tile, 16, restAt + 96);
    HalfFloat[] l4 = context.mmaLoadA(tile, 16, restAt + 128);
    HalfFloat[] l5 = context.mmaLoadA(tile, 16, restAt + 160);
    HalfFloat[] l6 = context.mmaLoadA(tile, 16, restAt + 192);
    HalfFloat[] l7 = context.mmaLoadA(tile, 16, restAt + 224);

    float divisor0 = divisors[row0];
    float divisor1 = divisors[row1];
    int first0 = firstVisible[row0];
    int last0 = lastVisible[row0];
    int first1 = firstVisible[row1];
    int last1 = lastVisible[row1];
    float max0 = found[row0];
    float max1 = found[row1];
    float sum0 = 0.0f;
    float sum1 = 0.0f;

    // Of keys the four matrices of a left factor are keys 0 to 7 and 8 to 15 of elements 0 to 7,
    // then the same of elements 8 to 15.
    int keyAt = SuffixTile.place(half * 8 + right) + 16 * (lane >> 4) - leftBack;
    // Number k of the 32 along which outputs are added up is key k / 4 + 8 (k % 4), so that the
    // four keys of a thread are one long of weights.
    int valueKey = 2 * half + (right >> 2) + 8 * (right & 3);
    int valueAt = SuffixTile.VALUES_BYTES + SuffixTile.place(valueKey) - rightBack;
    int weightBytes = 8 * (warp * SuffixTile.WEIGHTS);
    int weightAt = weightBytes + (lane >> 3) * 128 + (lane >> 4) * 16 + right * 16 - leftBack;
    int ownWeight =
        warp * SuffixTile.WEIGHTS
            + SuffixTile.STEP_WEIGHTS * (quad >> 2)
            + 34 * (quad >> 1 & 1)
            + 4 * inQuad
            + (quad & 1);
    float[] zero = context.mmaFragment(0.0f);
    float[] score = new float[8];

    for (int next = 0; next < keyCount; next += SuffixTile.KEYS) {
      // Where all have read what lay there before.
      context.localBarrier();
      for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
        int key = i * warps + warp;
        int from = base + readKey(key, next, keyCount) * row;
        int to = SuffixTile.HALF_TILE * 2 + (SuffixTile.place(key) >> 2) + lane;
        context.asyncCopyToLocal(tile, to, values, from);
        if (halves > 1) {
          context.asyncCopyToLocal(tile, to + SuffixTile.LONGS, values, from + SuffixRows.DIM / 2);
        }
      }
      context.asyncCopyCommit();
      context.asyncCopyWaitGroup(1);
      context.localBarrier();
      HalfFloat[] k0 = context.mmaLoadA(tile, 16, keyAt);
      HalfFloat[] j0 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 0));
      float[] s0 = context.mma(k0, h0, zero, MMAShape.M16N8K16);
      float[] s1 = context.mma(j0, h0, zero, MMAShape.M16N8K16);
      s0 = context.mma(k0, l0, s0, MMAShape.M16N8K16);
      s1 = context.mma(j0, l0, s1, MMAShape.M16N8K16);
      HalfFloat[] k1 = context.mmaLoadA(tile, 16, keyAt + 32);
      HalfFloat[] j1 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 32));
      s0 = context.mma(k1, h1, s0, MMAShape.M16N8K16);
      s1 = context.mma(j1, h1, s1, MMAShape.M16N8K16);
      s0 = context.mma(k1, l1, s0, MMAShape.M16N8K16);
      s1 = context.mma(j1, l1, s1, MMAShape.M16N8K16);
      HalfFloat[] k2 = context.mmaLoadA(tile, 16, keyAt + 64);
      HalfFloat[] j2 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 64));
      s0 = context.mma(k2, h2, s0, MMAShape.M16N8K16);
      s1 = context.mma(j2, h2, s1, MMAShape.M16N8K16);
      s0 = context.mma(k2, l2, s0, MMAShape.M16N8K16);
      s1 = context.mma(j2, l2, s1, MMAShape.M16N8K16);
      HalfFloat[] k3 = context.mmaLoadA(tile, 16, keyAt + 96);
      HalfFloat[] j3 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 96));
      s0 = context.mma(k3, h3, s0, MMAShape.M16N8K16);
      s1 = context.mma(j3, h3, s1, MMAShape.M16N8K16);
      s0 = context.mma(k3, l3, s0, MMAShape.M16N8K16);
      s1 = context.mma(j3, l3, s1, MMAShape.M16N8K16);
      // As in MatrixPass, a loop of none or one.
      for (int second = 1; second < halves; second++) {
        HalfFloat[] k4 = context.mmaLoadA(tile, 16, keyAt + 128);
        HalfFloat[] j4 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 128));
        s0 = context.mma(k4, h4, s0, MMAShape.M16N8K16);
        s1 = context.mma(j4, h4, s1, MMAShape.M16N8K16);
        s0 = context.mma(k4, l4, s0, MMAShape.M16N8K16);
        s1 = context.mma(j4, l4, s1, MMAShape.M16N8K16);
        HalfFloat[] k5 = context.mmaLoadA(tile, 16, keyAt + 160);
        HalfFloat[] j5 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 160));
        s0 = context.mma(k5, h5, s0, MMAShape.M16N8K16);
        s1 = context.mma(j5, h5, s1, MMAShape.M16N8K16);
        s0 = context.mma(k5, l5, s0, MMAShape.M16N8K16);
        s1 = context.mma(j5, l5, s1, MMAShape.M16N8K16);
        HalfFloat[] k6 = context.mmaLoadA(tile, 16, keyAt + 192);
        HalfFloat[] j6 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 192));
        s0 = context.mma(k6, h6, s0, MMAShape.M16N8K16);
        s1 = context.mma(j6, h6, s1, MMAShape.M16N8K16);
        s0 = context.mma(k6, l6, s0, MMAShape.M16N8K16);
        s1 = context.mma(j6, l6, s1, MMAShape.M16N8K16);
        HalfFloat[] k7 = context.mmaLoadA(tile, 16, keyAt + 224);
        HalfFloat[] j7 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 224));
        s0 = context.mma(k7, h7, s0, MMAShape.M16N8K16);
        s1 = context.mma(j7, h7, s1, MMAShape.M16N8K16);
        s0 = context.mma(k7, l7, s0, MMAShape.M16N8K16);
        s1 = context.mma(j7, l7, s1, MMAShape.M16N8K16);
      }
      // Numbers 0 to 3 are keys quad + 8 i of the thread's first row, 4 to 7 of its second.
      context.mmaStore(s0, registers, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
      score[0] = exchange[own];
      score[4] = exchange[own + 1];
      score[1] = exchange[own + SuffixTile.LOW];
      score[5] = exchange[own + SuffixTile.LOW + 1];
      context.mmaStore(s1, registers, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
      score[2] = exchange[own];
      score[6] = exchange[own + 1];
      score[3] = exchange[own + SuffixTile.LOW];
      score[7] = exchange[own + SuffixTile.LOW + 1];
      for (int i = 0; i < 4; i++) {
        score[i] *= divisor0;
        score[4 + i] *= divisor1;
      }
      if (cap > 0.0f) {
        for (int i = 0; i < 8; i++) {
          score[i] = cap * Softmax.tanh(score[i] / cap);
        }
      }
      float best0 = Softmax.LOWEST;
      float best1 = Softmax.LOWEST;
      // Keys before the tile's first, read again, have had their turn.
      int firstOf0 = TornadoMath.max(next, first0);
      int firstOf1 = TornadoMath.max(next, first1);
      int keyOf = SuffixTile.firstKey(next, keyCount) + quad;
      for (int i = 0; i < 4; i++) {
        score[i] = Softmax.visible(score[i], keyOf + 8 * i, firstOf0, last0);
        score[4 + i] = Softmax.visible(score[4 + i], keyOf + 8 * i, firstOf1, last1);
        best0 = TornadoMath.max(best0, score[i]);
        best1 = TornadoMath.max(best1, score[4 + i]);
      }
      best0 = TornadoMath.max(best0, context.simdShuffleDown(best0, 16));
      best1 = TornadoMath.max(best1, context.simdShuffleDown(best1, 16));
      best0 = TornadoMath.max(best0, context.simdShuffleDown(best0, 8));
      best1 = TornadoMath.max(best1, context.simdShuffleDown(best1, 8));
      best0 = TornadoMath.max(best0, context.simdShuffleDown(best0, 4));
      best1 = TornadoMath.max(best1, context.simdShuffleDown(best1, 4));
      if (quad == 0) {
        found[row0] = best0;
        found[row1] = best1;
      }
      context.localBarrier();
      float newMax0 = TornadoMath.max(max0, found[row0]);
      float newMax1 = TornadoMath.max(max1, found[row1]);
      float newOutMax = TornadoMath.max(outMax, found[rowOut]);
      float factor = TornadoMath.exp(outMax - newOutMax);
      sum0 *= TornadoMath.exp(max0 - newMax0);
      sum1 *= TornadoMath.exp(max1 - newMax1);
      outSum *= factor;
      max0 = newMax0;
      max1 = newMax1;
      outMax = newOutMax;
      for (int i = 0; i < 4; i++) {
        score[i] = TornadoMath.exp(score[i] - newMax0);
        score[4 + i] = TornadoMath.exp(score[4 + i] - newMax1);
        sum0 += score[i];
        sum1 += score[4 + i];
      }
      weights[ownWeight] = SuffixTile.join(pair(score[0], score[1]), pair(score[2], score[3]));
      weights[ownWeight + 2] = SuffixTile.join(pair(score[4], score[5]), pair(score[6], score[7]));
      weights[ownWeight + 16] = SuffixTile.join(rest(score[0], score[1]), rest(score[2], score[3]));
      weights[ownWeight + 18] = SuffixTile.join(rest(score[4], score[5]), rest(score[6], score[7]));
      if (next + SuffixTile.KEYS < keyCount) {
        for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
          int key = i * warps + warp;
          int from = base + readKey(key, next + SuffixTile.KEYS, keyCount) * row;
          int to = (SuffixTile.place(key) >> 2) + lane;
          context.asyncCopyToLocal(tile, to, keys, from);
          if (halves > 1) {
            context.asyncCopyToLocal(tile, to + SuffixTile.LONGS, keys, from + SuffixRows.DIM / 2);
          }
        }
      }
      context.asyncCopyCommit();
      context.asyncCopyWaitGroup(1);
      context.localBarrier();
      HalfFloat[] p0 = context.mmaLoadA(weightTile, 16, weightAt);
      HalfFloat[] p1 = context.mmaLoadA(weightTile, 16, weightAt + 8 * SuffixTile.STEP_WEIGHTS);
      for (int i = 0; i < dim >> 3; i += 2) {
        int at = valueAt + 16 * i;
        HalfFloat[] v00 = context.mmaLoadB(tile, 16, at);
        HalfFloat[] v01 = context.mmaLoadB(tile, 16, at + 4 * SuffixTile.KEY_BYTES);
        HalfFloat[] v10 = context.mmaLoadB(tile, 16, at + 16);
        HalfFloat[] v11 = context.mmaLoadB(tile, 16, at + (4 * SuffixTile.KEY_BYTES + 16));
        float[] o00 = context.mma(p0, v00, zero, MMAShape.M16N8K16);
        float[] o10 = context.mma(p0, v10, zero, MMAShape.M16N8K16);
        float[] o01 = context.mma(p1, v01, o00, MMAShape.M16N8K16);
        float[] o11 = context.mma(p1, v11, o10, MMAShape.M16N8K16);
        context.mmaStore(o01, registers, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
        value[2 * i] = value[2 * i] * factor + (exchange[own] + exchange[own + SuffixTile.LOW]);
        value[2 * i + 1] =
            value[2 * i + 1] * factor + (exchange[own + 1] + exchange[own + SuffixTile.LOW + 1]);
        context.mmaStore(o11, registers, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
        value[2 * i + 2] =
            value[2 * i + 2] * factor + (exchange[own] + exchange[own + SuffixTile.LOW]);
        value[2 * i + 3] =
            value[2 * i + 3] * factor + (exchange[own + 1] + exchange[own + SuffixTile.LOW + 1]);
      }
    }
    sum0 += context.simdShuffleDown(sum0, 16);
    sum1 += context.simdShuffleDown(sum1, 16);
    sum0 += context.simdShuffleDown(sum0, 8);
    sum1 += context.simdShuffleDown(sum1, 8);
    sum0 += context.simdShuffleDown(sum0, 4);
    sum1 += context.simdShuffleDown(sum1, 4);
    context.localBarrier();
    if (quad == 0) {
      found[row0] = sum0;
      found[row1] = sum1;
    }
    context.localBarrier();
    float sum = outSum + found[rowOut];
    if (rowOut < rowCount) {
      float inverse = Softmax.inverse(sum);
      float lse = Softmax.lse(outMax, sum);
      int state = stateRow[rowOut] + slot * queryHeads;
      if (last == 1) {
        SuffixTile.write(out, outRow[rowOut] * dim + 2 * inQuad, dim, value, inverse);
        if (inQuad == 0) {
          outLses.set(outRow[rowOut], lse);
        }
      } else {
        SuffixTile.write(states, state * dim + 2 * inQuad, dim, value, inverse);
        if (inQuad == 0) {
          lses.set(state, lse);
        }
      }
    }
  }

  /**
   * The key that is read as a key of a tile. A tile that would go beyond the last key begins
   * earlier instead, and of fewer keys than a tile has the last is read several times.
   */
  private static int readKey(int key, int tile, int keyCount) {
    return TornadoMath.min(SuffixTile.firstKey(tile, keyCount) + key, keyCount - 1);
  }

  /** Two numbers in half precision. */
  private static int pair(float a, float b) {
    int first = new HalfFloat(a).getHalfFloatValue() & 0xFFFF;
    int second = new HalfFloat(b).getHalfFloatValue() & 0xFFFF;
    return first | second << 16;
  }

  /** What half precision leaves of two numbers. */
  private static int rest(float a, float b) {
    Half2 pair = Half2.fromFloats(a, b);
    return pair(a - Half2.lowFloat(pair), b - Half2.highFloat(pair));
  }
}
