package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention of many query rows to a range of keys that is read once, on the matrix units: for
 * suffixes stored as BF16, four numbers in a long, of groups of more than {@value
 * SuffixPassBF16#MAX_ROWS} query heads, with a head dimension of at most 128. CUDA only.
 *
 * <p>A work-group computes one {@link WorkItem} for one key/value head in tiles of {@value
 * SuffixTile#KEYS} keys; each of its warps has {@value SuffixTile#WARP_ROWS} rows. Products are of
 * BF16 numbers. Keys and values are such; a query, and a weight, is the sum of two, its rounding
 * and what that leaves, so that 16 bits of it count. The scores {@code S^T = K Q^T} are added up
 * from both products. In {@code O = P V} a left factor has 16 rows: the upper eight are the rounded
 * weights, the lower what is left of them.
 *
 * <p>Values are under way while scores are computed, the next keys while outputs are.
 */
public final class SuffixMatrixBF16 {
  /** The bits that a long's index may have: arrays have fewer than 2^31 numbers. */
  private static final int LONG_BITS = (1 << 29) - 1;

  /** Added to the bits of a float that is then cut off to BF16, so that it is rounded. */
  private static final int ROUND = 0x8000;

  private SuffixMatrixBF16() {}

  /** The pass; arguments as in {@link SuffixPassBF16#attend}. */
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
    int halves = dim >> 6;
    int thread = context.localIdx & (SuffixTile.MAX_THREADS - 1);
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    // Multiples of 16 bytes, as fragments are read from such addresses.
    long[] stored = context.allocateLongLocalArray(2 * SuffixTile.HALF_TILE);
    long[] weights = context.allocateLongLocalArray(2 * SuffixTile.WEIGHTS);
    float[] exchange = context.allocateFloatLocalArray(4 + 4 * SuffixTile.MAX_THREADS);
    int[] bits = context.allocateIntLocalArray(4 + 4 * SuffixTile.MAX_THREADS);
    // Of each row: the largest score of a tile, at the end the sum of all weights.
    float[] found = context.allocateFloatLocalArray(SuffixTile.MAX_ROWS);
    int[] outRow = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] stateRow = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] firstVisible = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] lastVisible = context.allocateIntLocalArray(SuffixTile.MAX_ROWS);
    int[] tile = (int[]) (Object) stored;
    int[] weightTile = (int[]) (Object) weights;
    FloatArray registers = (FloatArray) (Object) exchange;
    // Floats that are stored here are read as what they consist of.
    FloatArray bitRegisters = (FloatArray) (Object) bits;

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
    int longs = (dim >> 2) * kvHeads;
    int base = firstKey * longs + (dim >> 2) * kvHead + ownLong;
    long[] loaded = new long[SuffixTile.KEYS];
    load(keys, loaded, base, longs, warp, warps, 0, keyCount);

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
    float[] part = new float[4];
    for (int r = 0; r < SuffixTile.WARP_ROWS; r++) {
      int at = queryLongs + r * SuffixTile.KEY_LONGS + lane;
      for (int e = 0; e < 4; e++) {
        part[e] = query[4 * r + e] * scale;
      }
      context.mmaStore(part, bitRegisters, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
      int b0 = bits[own];
      int b1 = bits[own + 1];
      int b2 = bits[own + SuffixTile.LOW];
      int b3 = bits[own + SuffixTile.LOW + 1];
      stored[at] = four(b0, b1, b2, b3);
      part[0] -= upper(b0);
      part[1] -= upper(b1);
      part[2] -= upper(b2);
      part[3] -= upper(b3);
      context.mmaStore(part, bitRegisters, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
      stored[at + SuffixTile.QUERIES] =
          four(
              bits[own] + ROUND,
              bits[own + 1] + ROUND,
              bits[own + SuffixTile.LOW] + ROUND,
              bits[own + SuffixTile.LOW + 1] + ROUND);
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
      for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
        stored[(SuffixTile.place(i * warps + warp) >> 3) + lane] = loaded[i];
      }
      load(values, loaded, base, longs, warp, warps, next, keyCount);
      context.localBarrier();
      HalfFloat[] k0 = context.mmaLoadA(tile, 16, keyAt);
      HalfFloat[] j0 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 0));
      float[] s0 = context.mmaBF16(k0, h0, zero, MMAShape.M16N8K16);
      float[] s1 = context.mmaBF16(j0, h0, zero, MMAShape.M16N8K16);
      s0 = context.mmaBF16(k0, l0, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j0, l0, s1, MMAShape.M16N8K16);
      HalfFloat[] k1 = context.mmaLoadA(tile, 16, keyAt + 32);
      HalfFloat[] j1 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 32));
      s0 = context.mmaBF16(k1, h1, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j1, h1, s1, MMAShape.M16N8K16);
      s0 = context.mmaBF16(k1, l1, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j1, l1, s1, MMAShape.M16N8K16);
      HalfFloat[] k2 = context.mmaLoadA(tile, 16, keyAt + 64);
      HalfFloat[] j2 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 64));
      s0 = context.mmaBF16(k2, h2, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j2, h2, s1, MMAShape.M16N8K16);
      s0 = context.mmaBF16(k2, l2, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j2, l2, s1, MMAShape.M16N8K16);
      HalfFloat[] k3 = context.mmaLoadA(tile, 16, keyAt + 96);
      HalfFloat[] j3 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 96));
      s0 = context.mmaBF16(k3, h3, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j3, h3, s1, MMAShape.M16N8K16);
      s0 = context.mmaBF16(k3, l3, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(j3, l3, s1, MMAShape.M16N8K16);
      // As in MatrixPass, a loop of none or one.
      for (int second = 1; second < halves; second++) {
        HalfFloat[] k4 = context.mmaLoadA(tile, 16, keyAt + 128);
        HalfFloat[] j4 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 128));
        s0 = context.mmaBF16(k4, h4, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j4, h4, s1, MMAShape.M16N8K16);
        s0 = context.mmaBF16(k4, l4, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j4, l4, s1, MMAShape.M16N8K16);
        HalfFloat[] k5 = context.mmaLoadA(tile, 16, keyAt + 160);
        HalfFloat[] j5 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 160));
        s0 = context.mmaBF16(k5, h5, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j5, h5, s1, MMAShape.M16N8K16);
        s0 = context.mmaBF16(k5, l5, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j5, l5, s1, MMAShape.M16N8K16);
        HalfFloat[] k6 = context.mmaLoadA(tile, 16, keyAt + 192);
        HalfFloat[] j6 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 192));
        s0 = context.mmaBF16(k6, h6, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j6, h6, s1, MMAShape.M16N8K16);
        s0 = context.mmaBF16(k6, l6, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j6, l6, s1, MMAShape.M16N8K16);
        HalfFloat[] k7 = context.mmaLoadA(tile, 16, keyAt + 224);
        HalfFloat[] j7 = context.mmaLoadA(tile, 16, keyAt + (SuffixTile.SECOND + 224));
        s0 = context.mmaBF16(k7, h7, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j7, h7, s1, MMAShape.M16N8K16);
        s0 = context.mmaBF16(k7, l7, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(j7, l7, s1, MMAShape.M16N8K16);
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
      for (int r = 0; r < 2; r++) {
        for (int i = 0; i < 4; i++) {
          part[i] = score[4 * r + i];
        }
        context.mmaStore(part, bitRegisters, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
        int b0 = bits[own];
        int b1 = bits[own + 1];
        int b2 = bits[own + SuffixTile.LOW];
        int b3 = bits[own + SuffixTile.LOW + 1];
        weights[ownWeight + 2 * r] = four(b0, b1, b2, b3);
        part[0] -= upper(b0);
        part[1] -= upper(b1);
        part[2] -= upper(b2);
        part[3] -= upper(b3);
        context.mmaStore(part, bitRegisters, exchangeRow, exchangeColumn, SuffixTile.EXCHANGE_ROW);
        weights[ownWeight + 16 + 2 * r] =
            four(
                bits[own] + ROUND,
                bits[own + 1] + ROUND,
                bits[own + SuffixTile.LOW] + ROUND,
                bits[own + SuffixTile.LOW + 1] + ROUND);
      }
      for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
        stored[SuffixTile.HALF_TILE + (SuffixTile.place(i * warps + warp) >> 3) + lane] = loaded[i];
      }
      load(keys, loaded, base, longs, warp, warps, next + SuffixTile.KEYS, keyCount);
      context.localBarrier();
      HalfFloat[] p0 = context.mmaLoadA(weightTile, 16, weightAt);
      HalfFloat[] p1 = context.mmaLoadA(weightTile, 16, weightAt + 8 * SuffixTile.STEP_WEIGHTS);
      for (int i = 0; i < dim >> 3; i += 2) {
        int at = valueAt + 16 * i;
        HalfFloat[] v00 = context.mmaLoadB(tile, 16, at);
        HalfFloat[] v01 = context.mmaLoadB(tile, 16, at + 4 * SuffixTile.KEY_BYTES);
        HalfFloat[] v10 = context.mmaLoadB(tile, 16, at + 16);
        HalfFloat[] v11 = context.mmaLoadB(tile, 16, at + (4 * SuffixTile.KEY_BYTES + 16));
        float[] o00 = context.mmaBF16(p0, v00, zero, MMAShape.M16N8K16);
        float[] o10 = context.mmaBF16(p0, v10, zero, MMAShape.M16N8K16);
        float[] o01 = context.mmaBF16(p1, v01, o00, MMAShape.M16N8K16);
        float[] o11 = context.mmaBF16(p1, v11, o10, MMAShape.M16N8K16);
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
   * Loads this thread's long of each of its warp's keys of a tile, or values. A tile that would go
   * beyond the last key begins earlier instead, and of fewer keys than a tile has the last is read
   * several times. A tile that begins behind the last is not read.
   */
  private static void load(
      LongArray from, long[] to, int base, int row, int warp, int warps, int tile, int keyCount) {
    if (tile < keyCount) {
      if (keyCount >= SuffixTile.KEYS) {
        int first = base + (SuffixTile.firstKey(tile, keyCount) + warp) * row;
        long at = first & LONG_BITS;
        for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
          to[i] = from.get((int) (at + (long) i * warps * row));
        }
      } else {
        for (int i = 0; i < SuffixTile.KEYS / warps; i++) {
          to[i] = from.get(base + TornadoMath.min(i * warps + warp, keyCount - 1) * row);
        }
      }
    }
  }

  /** The upper halves of four floats, which are these cut off to BF16. */
  private static long four(int a, int b, int c, int d) {
    int first = (a >> 16 & 0xFFFF) | (b & 0xFFFF0000);
    int second = (c >> 16 & 0xFFFF) | (d & 0xFFFF0000);
    return SuffixTile.join(first, second);
  }

  /** A float cut off to BF16. */
  private static float upper(int bits) {
    return BFloat16.bf16ToFloat((short) (bits >> 16));
  }
}
