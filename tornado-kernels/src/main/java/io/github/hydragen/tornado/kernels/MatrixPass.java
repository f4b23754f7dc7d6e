package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention of many query rows to packed keys that all of them share, on the matrix units: for
 * prefixes, with a head dimension of {@value #HEAD_DIM}. CUDA only.
 *
 * <p>Two warps compute {@value #ROWS} rows, up to {@value #MAX_PAIRS} such pairs a {@link
 * WorkItem}. For each tile of {@value #KEYS} keys, scores {@code S = Q K^T} and outputs {@code O +=
 * P V} are products of 16 x 8 x 16 numbers in half precision, added up in single precision. Each
 * warp of a pair takes half of the keys in the first product and half of the head in the second;
 * between them its threads turn the scores that their registers hold into weights.
 *
 * <p>Accumulators cannot be rescaled, so a round has one reference {@code m} for each row, {@code P
 * = exp(S - m)}, which need not be the maximum. Weights that exceed what half precision holds end
 * the round: what was added up goes to memory, and the tile's maximum is the next round's
 * reference. The first tile gives the first reference; after that one round is nearly always
 * enough.
 */
public final class MatrixPass {
  /** The head dimension. */
  public static final int HEAD_DIM = 128;

  /** Query rows of a pair of warps. */
  public static final int ROWS = 32;

  /** Threads of a pair of warps. */
  public static final int PAIR_THREADS = 64;

  /** Keys of a tile. */
  public static final int KEYS = 32;

  /** The most pairs of warps in a work-group. */
  public static final int MAX_PAIRS = 4;

  /** The most that the weights of a thread may add up to. */
  private static final float MOST = 30_000.0f;

  /** Longs of the keys of a tile, and of its values. */
  private static final int HALF_TILE = KEYS * HEAD_DIM / 4;

  /** Bytes of the values of a tile. */
  private static final int VALUES_BYTES = 8 * HALF_TILE;

  /** Bytes of a pair's weights of a tile. */
  private static final int WEIGHTS_BYTES = 2 * ROWS * KEYS;

  /** Floats through which a warp reads its accumulators. */
  private static final int EXCHANGE = 169;

  private MatrixPass() {}

  /**
   * The pass; arguments as in {@link TilePassF32#attend}.
   *
   * @param tiles the stored keys and values
   * @param scales for each key/value head, by what the packed keys and values are to be multiplied
   * @param pairs pairs of warps of a work-group: 1, 2 or {@value #MAX_PAIRS}
   */
  public static void attend(
      KernelContext context,
      FloatArray queries,
      LongArray tiles,
      FloatArray scales,
      IntArray work,
      int firstItem,
      FloatArray states,
      FloatArray lses,
      int queryHeads,
      int kvHeads,
      int slots,
      int pairs,
      float scale,
      float cap) {
    int thread = context.localIdx;
    int threads = PAIR_THREADS * pairs;
    int item = firstItem + (context.groupIdx / kvHeads) * WorkItem.INTS;
    int kvHead = context.groupIdx % kvHeads;
    // Keys and values of a tile; before that, the queries.
    long[] stored = context.allocateLongLocalArray(2 * HALF_TILE);
    int[] weights = context.allocateIntLocalArray(MAX_PAIRS * WEIGHTS_BYTES / 4);
    float[] exchange = context.allocateFloatLocalArray(4 + 2 * MAX_PAIRS * EXCHANGE);
    float[] perRow = context.allocateFloatLocalArray(2 * MAX_PAIRS * ROWS);
    float[] rowFactor = context.allocateFloatLocalArray(MAX_PAIRS * ROWS);
    int[] queryRow = context.allocateIntLocalArray(MAX_PAIRS * ROWS);
    int[] stateRow = context.allocateIntLocalArray(MAX_PAIRS * ROWS);
    int[] firstVisible = context.allocateIntLocalArray(MAX_PAIRS * ROWS);
    int[] lastVisible = context.allocateIntLocalArray(MAX_PAIRS * ROWS);
    int[] exceeded = context.allocateIntLocalArray(4);
    int[] tile = (int[]) (Object) stored;
    FloatArray registers = (FloatArray) (Object) exchange;

    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    if (rowCount == 0) {
      return;
    }
    int group = queryHeads / kvHeads;
    int firstRow = work.get(item + WorkItem.FIRST_ROW);
    // Never negative, which the divisions below rely on and the lint cannot know.
    int firstKey = TornadoMath.max(0, work.get(item + WorkItem.FIRST_KEY));
    int keyCount = TornadoMath.max(0, work.get(item + WorkItem.KEY_COUNT));
    int position = work.get(item + WorkItem.POSITION);
    int slot = work.get(item + WorkItem.SLOT);
    int entries = work.get(item + WorkItem.ENTRIES);
    int lane = thread & 31;
    int warp = thread >> 5;
    int pair = warp >> 1;
    int side = warp & 1;
    int quad = lane >> 2;
    int inQuad = lane & 3;

    if (thread < ROWS * pairs) {
      // Rows beyond the last repeat it and are not written.
      int setupRow = TornadoMath.max(0, firstRow + TornadoMath.min(thread, rowCount - 1));
      int entry = (entries + setupRow / group) * RowList.INTS;
      int head = kvHead * group + setupRow % group;
      int token = work.get(entry + RowList.TOKEN);
      queryRow[thread] = token * queryHeads + head;
      stateRow[thread] = (token * slots + slot) * queryHeads + head;
      firstVisible[thread] = work.get(entry + RowList.FIRST_VISIBLE) - position;
      lastVisible[thread] =
          TornadoMath.min(work.get(entry + RowList.LAST_VISIBLE) - position, keyCount - 1);
    }
    if (thread == 0) {
      exceeded[0] = 0;
    }
    context.localBarrier();

    // Queries that half precision would not hold well are scaled by their largest element.
    for (int i = 0; i < ROWS / 2; i++) {
      int row = (pair * 2 + side) * (ROWS / 2) + i;
      int query = queryRow[row] * HEAD_DIM + 4 * lane;
      float largest =
          TornadoMath.max(
              TornadoMath.max(
                  TornadoMath.abs(queries.get(query)), TornadoMath.abs(queries.get(query + 1))),
              TornadoMath.max(
                  TornadoMath.abs(queries.get(query + 2)),
                  TornadoMath.abs(queries.get(query + 3))));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 16));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 8));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 4));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 2));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 1));
      if (lane == 0) {
        boolean small = largest < 0.015625f && largest > 1e-30f;
        rowFactor[row] = largest > 1024.0f || small ? largest * 0.0625f : 1.0f;
      }
    }
    context.localBarrier();

    // Matrices of 8 rows of 16 bytes lie one behind the other: no bank conflicts. The offset takes
    // back what mmaLoadA assumes, rows of 32 bytes.
    int linear = lane * 16 - ((lane >> 3 & 1) * 8 + (lane & 7)) * 32 - (lane >> 4) * 16;
    int queryBytes = pair * 4096 + linear;
    for (int i = 0; i < 8; i++) {
      int at = i * threads + thread;
      int inTile = at & 511;
      int matrix = inTile >> 4 & 3;
      int row = (at >> 9) * ROWS + 0 + (matrix & 1) * 8 + (inTile >> 1 & 7);
      int element = (inTile >> 6) * 16 + (matrix >> 1) * 8 + (inTile & 1) * 4;
      int query = queryRow[row] * HEAD_DIM + element;
      float inverse = Softmax.inverse(rowFactor[row]);
      // TornadoVM takes only what was computed before for a HalfFloat.
      float q0 = queries.get(query) * inverse;
      float q1 = queries.get(query + 1) * inverse;
      float q2 = queries.get(query + 2) * inverse;
      float q3 = queries.get(query + 3) * inverse;
      long first = new HalfFloat(q0).getHalfFloatValue() & 0xFFFF;
      long second = new HalfFloat(q1).getHalfFloatValue() & 0xFFFF;
      long third = new HalfFloat(q2).getHalfFloatValue() & 0xFFFF;
      long fourth = new HalfFloat(q3).getHalfFloatValue() & 0xFFFF;
      stored[at] = first | second << 16 | third << 32 | fourth << 48;
    }
    context.localBarrier();
    HalfFloat[] qa0 = context.mmaLoadA(tile, 16, queryBytes + 0);
    HalfFloat[] qa1 = context.mmaLoadA(tile, 16, queryBytes + 512);
    HalfFloat[] qa2 = context.mmaLoadA(tile, 16, queryBytes + 1024);
    HalfFloat[] qa3 = context.mmaLoadA(tile, 16, queryBytes + 1536);
    HalfFloat[] qa4 = context.mmaLoadA(tile, 16, queryBytes + 2048);
    HalfFloat[] qa5 = context.mmaLoadA(tile, 16, queryBytes + 2560);
    HalfFloat[] qa6 = context.mmaLoadA(tile, 16, queryBytes + 3072);
    HalfFloat[] qa7 = context.mmaLoadA(tile, 16, queryBytes + 3584);
    context.localBarrier();
    for (int i = 0; i < 8; i++) {
      int at = i * threads + thread;
      int inTile = at & 511;
      int matrix = inTile >> 4 & 3;
      int row = (at >> 9) * ROWS + 16 + (matrix & 1) * 8 + (inTile >> 1 & 7);
      int element = (inTile >> 6) * 16 + (matrix >> 1) * 8 + (inTile & 1) * 4;
      int query = queryRow[row] * HEAD_DIM + element;
      float inverse = Softmax.inverse(rowFactor[row]);
      // TornadoVM takes only what was computed before for a HalfFloat.
      float q0 = queries.get(query) * inverse;
      float q1 = queries.get(query + 1) * inverse;
      float q2 = queries.get(query + 2) * inverse;
      float q3 = queries.get(query + 3) * inverse;
      long first = new HalfFloat(q0).getHalfFloatValue() & 0xFFFF;
      long second = new HalfFloat(q1).getHalfFloatValue() & 0xFFFF;
      long third = new HalfFloat(q2).getHalfFloatValue() & 0xFFFF;
      long fourth = new HalfFloat(q3).getHalfFloatValue() & 0xFFFF;
      stored[at] = first | second << 16 | third << 32 | fourth << 48;
    }
    context.localBarrier();
    HalfFloat[] qb0 = context.mmaLoadA(tile, 16, queryBytes + 0);
    HalfFloat[] qb1 = context.mmaLoadA(tile, 16, queryBytes + 512);
    HalfFloat[] qb2 = context.mmaLoadA(tile, 16, queryBytes + 1024);
    HalfFloat[] qb3 = context.mmaLoadA(tile, 16, queryBytes + 1536);
    HalfFloat[] qb4 = context.mmaLoadA(tile, 16, queryBytes + 2048);
    HalfFloat[] qb5 = context.mmaLoadA(tile, 16, queryBytes + 2560);
    HalfFloat[] qb6 = context.mmaLoadA(tile, 16, queryBytes + 3072);
    HalfFloat[] qb7 = context.mmaLoadA(tile, 16, queryBytes + 3584);
    context.localBarrier();

    int source = ((firstKey / KEYS) * kvHeads + kvHead) * 2 * HALF_TILE + thread;
    int sourceStep = kvHeads * 2 * HALF_TILE;
    int tileCount = (keyCount + (KEYS - 1)) / KEYS;
    if (tileCount > 0) {
      for (int c = 0; c < 2 * HALF_TILE / threads; c++) {
        stored[thread + c * threads] = tiles.get(source + c * threads);
      }
    }

    // mmaStore with these arguments puts the four numbers of a thread at own, + 1, + 8 and + 9:
    // each thread reads back its own.
    int own = warp * EXCHANGE + 16 * quad + 8 * (quad >> 1 & 1) + 33 * (quad >> 2) + 2 * inQuad;
    int exchangeRow = -quad;
    int exchangeColumn = own - 2 * inQuad;
    int keyBytes = side * 4096;
    int valueBytes = VALUES_BYTES + side * 4096;
    int weightInts = pair * (WEIGHTS_BYTES / 4) + side * 128 + lane;
    int weightBytes = pair * WEIGHTS_BYTES + linear;
    int row0 = pair * ROWS + quad;
    float factor = scale * scales.get(2 * kvHead);
    float valueScale = scales.get(2 * kvHead + 1);
    int firstOfAll = 0;
    int lastOfAll = keyCount - 1;
    for (int r = 0; r < ROWS; r++) {
      firstOfAll = TornadoMath.max(firstOfAll, firstVisible[pair * ROWS + r]);
      lastOfAll = TornadoMath.min(lastOfAll, lastVisible[pair * ROWS + r]);
    }
    float[] scores = new float[16];
    float[] reference = new float[4];
    float[] before = new float[4];
    float[] total = new float[4];
    float[] sum = new float[4];
    float[] best = new float[4];
    float[] keep = new float[4];
    float[] norm = new float[4];
    float[] of = new float[4];
    int[] state = new int[4];
    for (int r = 0; r < 4; r++) {
      reference[r] = Softmax.LOWEST;
      before[r] = Softmax.LOWEST;
      total[r] = 0.0f;
      best[r] = 0.0f;
    }
    for (int i = 0; i < 16; i++) {
      scores[i] = Softmax.LOWEST;
    }
    int storedTiles = 0;
    int next = 0;
    int more = 1;
    context.localBarrier();

    while (more == 1) {
      float[] a0 = context.mmaFragment(0.0f);
      float[] a1 = context.mmaFragment(0.0f);
      float[] a2 = context.mmaFragment(0.0f);
      float[] a3 = context.mmaFragment(0.0f);
      float[] a4 = context.mmaFragment(0.0f);
      float[] a5 = context.mmaFragment(0.0f);
      float[] a6 = context.mmaFragment(0.0f);
      float[] a7 = context.mmaFragment(0.0f);
      float[] b0 = context.mmaFragment(0.0f);
      float[] b1 = context.mmaFragment(0.0f);
      float[] b2 = context.mmaFragment(0.0f);
      float[] b3 = context.mmaFragment(0.0f);
      float[] b4 = context.mmaFragment(0.0f);
      float[] b5 = context.mmaFragment(0.0f);
      float[] b6 = context.mmaFragment(0.0f);
      float[] b7 = context.mmaFragment(0.0f);
      for (int r = 0; r < 4; r++) {
        sum[r] = 0.0f;
      }

      while (next < tileCount) {
        long[] copied = new long[HALF_TILE / 64];
        int ahead = next + 1 < tileCount ? source + sourceStep : source;
        for (int c = 0; c < HALF_TILE / threads; c++) {
          copied[c] = tiles.get(ahead + c * threads);
        }
        float[] s0 = context.mmaFragment(0.0f);
        float[] s1 = context.mmaFragment(0.0f);
        float[] s2 = context.mmaFragment(0.0f);
        float[] s3 = context.mmaFragment(0.0f);
        HalfFloat[] k00 = context.mmaLoadB(tile, 16, keyBytes + 0);
        HalfFloat[] k01 = context.mmaLoadB(tile, 16, keyBytes + 2048);
        s0 = context.mma(qa0, k00, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb0, k00, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa0, k01, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb0, k01, s3, MMAShape.M16N8K16);
        HalfFloat[] k10 = context.mmaLoadB(tile, 16, keyBytes + 256);
        HalfFloat[] k11 = context.mmaLoadB(tile, 16, keyBytes + 2304);
        s0 = context.mma(qa1, k10, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb1, k10, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa1, k11, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb1, k11, s3, MMAShape.M16N8K16);
        HalfFloat[] k20 = context.mmaLoadB(tile, 16, keyBytes + 512);
        HalfFloat[] k21 = context.mmaLoadB(tile, 16, keyBytes + 2560);
        s0 = context.mma(qa2, k20, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb2, k20, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa2, k21, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb2, k21, s3, MMAShape.M16N8K16);
        HalfFloat[] k30 = context.mmaLoadB(tile, 16, keyBytes + 768);
        HalfFloat[] k31 = context.mmaLoadB(tile, 16, keyBytes + 2816);
        s0 = context.mma(qa3, k30, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb3, k30, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa3, k31, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb3, k31, s3, MMAShape.M16N8K16);
        HalfFloat[] k40 = context.mmaLoadB(tile, 16, keyBytes + 1024);
        HalfFloat[] k41 = context.mmaLoadB(tile, 16, keyBytes + 3072);
        s0 = context.mma(qa4, k40, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb4, k40, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa4, k41, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb4, k41, s3, MMAShape.M16N8K16);
        HalfFloat[] k50 = context.mmaLoadB(tile, 16, keyBytes + 1280);
        HalfFloat[] k51 = context.mmaLoadB(tile, 16, keyBytes + 3328);
        s0 = context.mma(qa5, k50, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb5, k50, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa5, k51, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb5, k51, s3, MMAShape.M16N8K16);
        HalfFloat[] k60 = context.mmaLoadB(tile, 16, keyBytes + 1536);
        HalfFloat[] k61 = context.mmaLoadB(tile, 16, keyBytes + 3584);
        s0 = context.mma(qa6, k60, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb6, k60, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa6, k61, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb6, k61, s3, MMAShape.M16N8K16);
        HalfFloat[] k70 = context.mmaLoadB(tile, 16, keyBytes + 1792);
        HalfFloat[] k71 = context.mmaLoadB(tile, 16, keyBytes + 3840);
        s0 = context.mma(qa7, k70, s0, MMAShape.M16N8K16);
        s2 = context.mma(qb7, k70, s2, MMAShape.M16N8K16);
        s1 = context.mma(qa7, k71, s1, MMAShape.M16N8K16);
        s3 = context.mma(qb7, k71, s3, MMAShape.M16N8K16);
        float factor0 = factor * rowFactor[row0];
        float factor1 = factor * rowFactor[row0 + 8];
        float factor2 = factor * rowFactor[row0 + 16];
        float factor3 = factor * rowFactor[row0 + 24];
        context.mmaStore(s0, registers, exchangeRow, exchangeColumn, 1);
        scores[0] = exchange[own + 4] * factor0;
        scores[1] = exchange[own + 5] * factor0;
        scores[2] = exchange[own + 12] * factor1;
        scores[3] = exchange[own + 13] * factor1;
        context.mmaStore(s1, registers, exchangeRow, exchangeColumn, 1);
        scores[4] = exchange[own + 4] * factor0;
        scores[5] = exchange[own + 5] * factor0;
        scores[6] = exchange[own + 12] * factor1;
        scores[7] = exchange[own + 13] * factor1;
        context.mmaStore(s2, registers, exchangeRow, exchangeColumn, 1);
        scores[8] = exchange[own + 4] * factor2;
        scores[9] = exchange[own + 5] * factor2;
        scores[10] = exchange[own + 12] * factor3;
        scores[11] = exchange[own + 13] * factor3;
        context.mmaStore(s3, registers, exchangeRow, exchangeColumn, 1);
        scores[12] = exchange[own + 4] * factor2;
        scores[13] = exchange[own + 5] * factor2;
        scores[14] = exchange[own + 12] * factor3;
        scores[15] = exchange[own + 13] * factor3;
        if (cap > 0.0f) {
          for (int i = 0; i < 16; i++) {
            scores[i] = cap * TornadoMath.tanh(scores[i] / cap);
          }
        }
        int key = next * KEYS;
        int hidden = key < firstOfAll || key + KEYS - 1 > lastOfAll ? 1 : 0;
        if (hidden == 1) {
          for (int i = 0; i < 16; i++) {
            int at = key + 16 * side + (i >> 2 & 1) * 8 + 2 * inQuad + (i & 1);
            int row = row0 + (i >> 3) * 16 + (i >> 1 & 1) * 8;
            scores[i] = Softmax.visible(scores[i], at, firstVisible[row], lastVisible[row]);
          }
        }
        float[] added = new float[4];
        for (int r = 0; r < 4; r++) {
          added[r] = 0.0f;
        }
        for (int i = 0; i < 16; i += 2) {
          int r = (i >> 3) * 2 + (i >> 1 & 1);
          float weight = TornadoMath.exp(scores[i] - reference[r]);
          float neighbour = TornadoMath.exp(scores[i + 1] - reference[r]);
          added[r] += weight + neighbour;
          int low = new HalfFloat(weight).getHalfFloatValue() & 0xFFFF;
          int high = new HalfFloat(neighbour).getHalfFloatValue() & 0xFFFF;
          weights[weightInts + (i >> 3) * 256 + (i >> 2 & 1) * 64 + (i >> 1 & 1) * 32] =
              low | high << 16;
        }
        if (TornadoMath.max(
                TornadoMath.max(added[0], added[1]), TornadoMath.max(added[2], added[3]))
            > MOST) {
          context.atomicAdd(exceeded, 0, 1);
        }
        context.localBarrier();
        if (exceeded[0] > 0) {
          break;
        }
        for (int r = 0; r < 4; r++) {
          sum[r] += added[r];
        }
        for (int c = 0; c < HALF_TILE / threads; c++) {
          stored[thread + c * threads] = copied[c];
        }
        for (int c = 0; c < HALF_TILE / threads; c++) {
          copied[c] = tiles.get(ahead + HALF_TILE + c * threads);
        }
        for (int j = 0; j < KEYS / 16; j++) {
          int v = valueBytes + 256 * j;
          HalfFloat[] pa = context.mmaLoadA(weights, 16, weightBytes + 512 * j);
          HalfFloat[] pb = context.mmaLoadA(weights, 16, weightBytes + 1024 + 512 * j);
          HalfFloat[] v0 = context.mmaLoadB(tile, 16, v + 0);
          a0 = context.mma(pa, v0, a0, MMAShape.M16N8K16);
          b0 = context.mma(pb, v0, b0, MMAShape.M16N8K16);
          HalfFloat[] v1 = context.mmaLoadB(tile, 16, v + 512);
          a1 = context.mma(pa, v1, a1, MMAShape.M16N8K16);
          b1 = context.mma(pb, v1, b1, MMAShape.M16N8K16);
          HalfFloat[] v2 = context.mmaLoadB(tile, 16, v + 1024);
          a2 = context.mma(pa, v2, a2, MMAShape.M16N8K16);
          b2 = context.mma(pb, v2, b2, MMAShape.M16N8K16);
          HalfFloat[] v3 = context.mmaLoadB(tile, 16, v + 1536);
          a3 = context.mma(pa, v3, a3, MMAShape.M16N8K16);
          b3 = context.mma(pb, v3, b3, MMAShape.M16N8K16);
          HalfFloat[] v4 = context.mmaLoadB(tile, 16, v + 2048);
          a4 = context.mma(pa, v4, a4, MMAShape.M16N8K16);
          b4 = context.mma(pb, v4, b4, MMAShape.M16N8K16);
          HalfFloat[] v5 = context.mmaLoadB(tile, 16, v + 2560);
          a5 = context.mma(pa, v5, a5, MMAShape.M16N8K16);
          b5 = context.mma(pb, v5, b5, MMAShape.M16N8K16);
          HalfFloat[] v6 = context.mmaLoadB(tile, 16, v + 3072);
          a6 = context.mma(pa, v6, a6, MMAShape.M16N8K16);
          b6 = context.mma(pb, v6, b6, MMAShape.M16N8K16);
          HalfFloat[] v7 = context.mmaLoadB(tile, 16, v + 3584);
          a7 = context.mma(pa, v7, a7, MMAShape.M16N8K16);
          b7 = context.mma(pb, v7, b7, MMAShape.M16N8K16);
        }
        context.localBarrier();
        for (int c = 0; c < HALF_TILE / threads; c++) {
          stored[HALF_TILE + thread + c * threads] = copied[c];
        }
        source = ahead;
        next++;
      }

      int last = next == tileCount ? 1 : 0;
      int any = next > storedTiles ? 1 : 0;
      for (int r = 0; r < 4; r++) {
        int i = (r >> 1) * 8 + (r & 1) * 2;
        best[r] =
            TornadoMath.max(
                TornadoMath.max(scores[i], scores[i + 1]),
                TornadoMath.max(scores[i + 4], scores[i + 5]));
        keep[r] = storedTiles > 0 ? TornadoMath.exp(before[r] - reference[r]) : 0.0f;
        total[r] = any == 1 ? total[r] * keep[r] + sum[r] : total[r];
        float quadTotal = total[r] + context.simdShuffleDown(total[r], 1);
        quadTotal += context.simdShuffleDown(quadTotal, 2);
        float quadBest = TornadoMath.max(best[r], context.simdShuffleDown(best[r], 1));
        quadBest = TornadoMath.max(quadBest, context.simdShuffleDown(quadBest, 2));
        of[r] = last == 1 ? quadTotal : quadBest;
      }
      context.localBarrier();
      if (inQuad == 0) {
        for (int r = 0; r < 4; r++) {
          perRow[side * MAX_PAIRS * ROWS + row0 + 8 * r] = of[r];
        }
      }
      if (thread == 0) {
        exceeded[0] = 0;
      }
      context.localBarrier();
      for (int r = 0; r < 4; r++) {
        float left = perRow[row0 + 8 * r];
        float right = perRow[MAX_PAIRS * ROWS + row0 + 8 * r];
        of[r] = last == 1 ? left + right : TornadoMath.max(left, right);
        norm[r] = last == 1 ? valueScale * Softmax.inverse(of[r]) : 1.0f;
        norm[r] = row0 + 8 * r < rowCount ? norm[r] : -1.0f;
        state[r] = stateRow[row0 + 8 * r] * HEAD_DIM + 64 * side + 2 * inQuad;
      }
      if (any == 1 || last == 1) {
        context.mmaStore(a0, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 0, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 0, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a1, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 8, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 8, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a2, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 16, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 16, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a3, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 24, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 24, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a4, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 32, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 32, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a5, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 40, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 40, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a6, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 48, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 48, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(a7, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[0] + 56, exchange[own + 4], exchange[own + 5], keep[0], norm[0]);
        put(states, state[1] + 56, exchange[own + 12], exchange[own + 13], keep[1], norm[1]);
        context.mmaStore(b0, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 0, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 0, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b1, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 8, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 8, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b2, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 16, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 16, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b3, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 24, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 24, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b4, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 32, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 32, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b5, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 40, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 40, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b6, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 48, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 48, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        context.mmaStore(b7, registers, exchangeRow, exchangeColumn, 1);
        put(states, state[2] + 56, exchange[own + 4], exchange[own + 5], keep[2], norm[2]);
        put(states, state[3] + 56, exchange[own + 12], exchange[own + 13], keep[3], norm[3]);
        storedTiles = next;
      }
      for (int r = 0; r < 4; r++) {
        if (last == 1 && inQuad == 0 && side == 0 && row0 + 8 * r < rowCount) {
          lses.set(stateRow[row0 + 8 * r], Softmax.lse(reference[r], of[r]));
        }
        before[r] = any == 1 ? reference[r] : before[r];
        reference[r] = TornadoMath.max(reference[r], of[r]);
      }
      more = 1 - last;
    }
  }

  /** Adds two neighbouring numbers to a partial output, of which {@code keep} is kept. */
  private static void put(
      FloatArray states, int at, float first, float second, float keep, float scale) {
    if (scale >= 0.0f) {
      float firstBefore = 0.0f;
      float secondBefore = 0.0f;
      if (keep > 0.0f) {
        firstBefore = states.get(at) * keep;
        secondBefore = states.get(at + 1) * keep;
      }
      states.set(at, (firstBefore + first) * scale);
      states.set(at + 1, (secondBefore + second) * scale);
    }
  }
}
