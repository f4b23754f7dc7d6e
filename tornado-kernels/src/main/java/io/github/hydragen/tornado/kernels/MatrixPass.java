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
 * prefixes, with a head dimension of at most {@value #HEAD_DIM}. CUDA only.
 *
 * <p>Each of the four warps of a {@link WorkItem} computes 32 rows. For each tile of {@value #KEYS}
 * keys, the scores {@code S = K Q^T} and the outputs {@code O += V^T P} are products of 16 x 8 x 16
 * numbers in half precision, added up in single precision. Keys and values are the left factors,
 * since TornadoVM loads four registers of a left factor at once and two of a right one. Half of the
 * queries stays in registers, half in local memory; of heads of 64 elements all stay there.
 *
 * <p>Accumulators cannot be rescaled, so a round has one reference {@code m} for each row, {@code P
 * = exp(S - m)}, which need not be the maximum: that of the round's first tile. The products of the
 * scores of later tiles start from {@code -m}. Weights that exceed what half precision holds end
 * the round: what was added up goes to memory, and the next round begins with that tile. One round
 * is nearly always enough.
 */
public final class MatrixPass {
  /** The largest head dimension. */
  public static final int HEAD_DIM = 128;

  /** Keys of a tile. */
  public static final int KEYS = 32;

  /** Threads of a work-group. */
  public static final int THREADS = 128;

  /** Query rows of a work-group, as many as threads. */
  public static final int ROWS = THREADS;

  /** Threads of a warp. */
  private static final int WARP = 32;

  private static final int WARPS = THREADS / WARP;

  /** Query rows of a warp. */
  private static final int WARP_ROWS = ROWS / WARPS;

  /** The most that the weights of a thread may add up to. */
  private static final float MOST = 30_000.0f;

  /** The largest number that queries are made of: half precision holds it with room above. */
  private static final float LARGEST = 16_384.0f;

  /** Longs of the keys of a tile, and of its values. */
  private static final int HALF_TILE = KEYS * HEAD_DIM / 4;

  /** Bytes of the values of a tile. */
  private static final int VALUES_BYTES = 8 * HALF_TILE;

  /** Longs before halves of the queries. */
  private static final int HALVES = 2 * HALF_TILE;

  /** Longs of half of a warp's queries. */
  private static final int QUERIES = WARP_ROWS * HEAD_DIM / 8;

  /** Ints of a warp's weights of a tile. */
  private static final int WEIGHTS = WARP_ROWS * KEYS / 2;

  /** Longs that a thread has under way from memory. */
  private static final int AHEAD = HALF_TILE / THREADS;

  /** Queries that a thread has under way from memory. */
  private static final int LOADED = 32;

  /** The most parts of so many queries of a thread. */
  private static final int PARTS = WARP_ROWS * HEAD_DIM / WARP / LOADED;

  /** Elements of different rows that a thread adds up at a time where rounds meet. */
  private static final int ADDED = 8;

  /** Floats between rows of what threads read their accumulators through. */
  private static final int EXCHANGE_ROW = 32;

  /** From a thread's numbers in the upper eight rows of an accumulator to those in the lower. */
  private static final int LOW = 8 * EXCHANGE_ROW;

  /** Floats through which threads read their accumulators. */
  private static final int EXCHANGE = 4 * THREADS;

  private MatrixPass() {}

  /**
   * The pass; arguments as in {@link TilePassF32#attend}.
   *
   * @param tiles the stored keys and values
   * @param scales for each key/value head, by what the packed keys and values are to be multiplied
   * @param dim elements between the starts of heads, 64 or 128
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
      int dim,
      int slots,
      float scale,
      float cap) {
    int thread = context.localIdx & (THREADS - 1);
    int group = context.groupIdx;
    int item = firstItem + group / kvHeads * WorkItem.INTS;
    if (work.get(item + WorkItem.ROW_COUNT) > 0) {
      attendItem(
          context,
          thread,
          item,
          group % kvHeads,
          queries,
          tiles,
          scales,
          work,
          states,
          lses,
          queryHeads,
          kvHeads,
          dim,
          slots,
          scale,
          cap);
    }
  }

  /**
   * The pass for one item; other arguments as in {@link #attend}.
   *
   * @param thread of the work-group, masked, so that compilers know its range
   * @param item the int of the item, which has rows
   * @param kvHead the key/value head
   */
  static void attendItem(
      KernelContext context,
      int thread,
      int item,
      int kvHead,
      FloatArray queries,
      LongArray tiles,
      FloatArray scales,
      IntArray work,
      FloatArray states,
      FloatArray lses,
      int queryHeads,
      int kvHeads,
      int dim,
      int slots,
      float scale,
      float cap) {
    long[] stored = context.allocateLongLocalArray(2 * HALF_TILE + WARPS * QUERIES);
    int[] weights = context.allocateIntLocalArray(WARPS * WEIGHTS);
    float[] exchange = context.allocateFloatLocalArray(4 + EXCHANGE);
    float[] reference = context.allocateFloatLocalArray(ROWS);
    float[] before = context.allocateFloatLocalArray(ROWS);
    float[] total = context.allocateFloatLocalArray(ROWS);
    float[] highest = context.allocateFloatLocalArray(ROWS);
    float[] gained = context.allocateFloatLocalArray(ROWS);
    float[] starts = context.allocateFloatLocalArray(ROWS);
    // In the same place: the thread of a row takes what the others found and leaves these.
    float[] raised = gained;
    float[] norms = gained;
    float[] keeps = highest;
    // Of the queries first, then of the states.
    int[] rowAt = context.allocateIntLocalArray(ROWS);
    int[] firstVisible = context.allocateIntLocalArray(ROWS);
    int[] lastVisible = context.allocateIntLocalArray(ROWS);
    // The first: whether weights exceeded what half precision holds. All local arrays are multiples
    // of 16 bytes, as fragments are read from such addresses, and one array lies behind the other.
    int[] exceeded = context.allocateIntLocalArray(4);
    int[] tile = (int[]) (Object) stored;
    FloatArray registers = (FloatArray) (Object) exchange;

    // Of 64 elements a tile in memory has half of the longs. In local memory they lie as if it had
    // all of them: behind each two of a thread there is room for two more.
    int halves = dim / (HEAD_DIM / 2);
    int longs = AHEAD / 2 * halves;
    int skip = halves > 1 ? 0 : 2;
    int halfTile = HALF_TILE / 2 * halves;
    int tileBits = Integer.MAX_VALUE & -(2 * halfTile);
    int stateBits = Integer.MAX_VALUE & ~(dim - 8);
    int group = queryHeads / kvHeads;
    int lane = thread & 31;
    int warp = thread >> 5;
    int quad = lane >> 2;
    int inQuad = lane & 3;
    // mmaStore with these arguments puts the four numbers of a thread at own and + 1, + LOW and
    // + LOW + 1: each thread reads back its own, which the compiler sees and keeps in registers.
    // It sees that only because the mask on the thread's number tells it that no index is negative:
    // mmaStore's are unsigned.
    // The first 4 floats are what mmaStore takes for an array's header. A number from the bits of a
    // half is declared unsigned, and so is what it is added to: as indices are then as mmaStore's,
    // stores that are read back at once are left out. It is 0, and no instruction: compilers know
    // that squares have no second bit.
    float nothing = 0.0f;
    int bits = new HalfFloat(nothing).getHalfFloatValue() & 0xFFFF;
    int own = (bits * bits & 2) + (4 + 2 * thread);
    int exchangeRow = -quad;
    int exchangeColumn = own - 4 - 2 * inQuad;

    int rowCount = work.get(item + WorkItem.ROW_COUNT);
    int firstRow = work.get(item + WorkItem.FIRST_ROW);
    // Never negative, which the divisions below rely on and the lint cannot know.
    int firstKey = TornadoMath.max(0, work.get(item + WorkItem.FIRST_KEY));
    int keyCount = TornadoMath.max(0, work.get(item + WorkItem.KEY_COUNT));
    int position = work.get(item + WorkItem.POSITION);
    int slot = work.get(item + WorkItem.SLOT);
    int entries = work.get(item + WorkItem.ENTRIES);

    // Rows beyond the last repeat it and are not written.
    int setupRow = TornadoMath.max(0, firstRow + TornadoMath.min(thread, rowCount - 1));
    int entry = (entries + setupRow / group) * RowList.INTS;
    int head = kvHead * group + setupRow % group;
    int token = work.get(entry + RowList.TOKEN);
    int stateRow = (token * slots + slot) * queryHeads + head;
    int firstSeenByRow = work.get(entry + RowList.FIRST_VISIBLE) - position;
    int lastSeenByRow = work.get(entry + RowList.LAST_VISIBLE) - position;
    rowAt[thread] = token * queryHeads + head;
    firstVisible[thread] = firstSeenByRow;
    lastVisible[thread] = TornadoMath.min(lastSeenByRow, keyCount - 1);
    reference[thread] = Softmax.LOWEST;
    before[thread] = Softmax.LOWEST;
    total[thread] = 0.0f;
    starts[thread] = 0.0f;
    if (thread == 0) {
      exceeded[0] = 0;
    }
    context.localBarrier();

    int source = ((firstKey / KEYS) * kvHeads + kvHead) * 2 * halfTile;
    int sourceStep = kvHeads * 2 * halfTile;
    int tileCount = (keyCount + (KEYS - 1)) / KEYS;
    long[] firstKeys = new long[AHEAD];
    if (tileCount > 0) {
      load(tiles, firstKeys, (source & tileBits) + (long) thread, longs);
    }

    float queryScale = scales.get(2 * kvHead) * (cap > 0.0f ? scale / cap : scale);
    int[] queryAt = new int[16];
    for (int i = 0; i < 16; i++) {
      int row = warp * WARP_ROWS + (i >> 2) * 8 + (lane & 1) * 4 + (i & 3);
      queryAt[i] = rowAt[row] * dim + (lane >> 1);
    }
    // Right factors are [16, 8] and lie one behind the other: no bank conflicts. The first half
    // goes to registers by way of the place of the tiles. Compilers do not know how many parts
    // there are, and so do not unroll the loop: code that runs once has to be fetched.
    int halfBytes = 8 * (HALVES + warp * QUERIES);
    int allParts = PARTS / 2 * halves;
    int parts = TornadoMath.min(allParts, allParts + firstRow);
    float[] loaded = new float[LOADED];
    // Queries that half precision would not hold are divided by a number that is the warp's own,
    // and packed again.
    float divisor = 1.0f;
    int packed = 0;
    while (packed == 0) {
      float largest = 0.0f;
      for (int part = 0; part < parts; part++) {
        loadQueries(queries, loaded, queryAt, part * LOADED);
        for (int i = 0; i < LOADED; i++) {
          largest = TornadoMath.max(largest, TornadoMath.abs(loaded[i]));
        }
        int place = (part < PARTS / 2 ? 0 : HALVES - QUERIES) + warp * QUERIES + lane;
        for (int i = 0; i < LOADED / 4; i++) {
          stored[place + part * (LOADED / 4 * WARP) + i * WARP] =
              four(loaded, 4 * i, queryScale / divisor);
        }
      }
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 16));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 8));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 4));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 2));
      largest = TornadoMath.max(largest, context.simdShuffleDown(largest, 1));
      largest = context.simdBroadcastFirst(largest) * TornadoMath.abs(queryScale) / LARGEST;
      largest = TornadoMath.max(largest, 1.0f);
      packed = largest > divisor ? 0 : 1;
      divisor = largest;
    }
    context.localBarrier();
    int firstBytes = 8 * warp * QUERIES;
    HalfFloat[] q00 = context.mmaLoadB(tile, 16, firstBytes + 0);
    HalfFloat[] q01 = context.mmaLoadB(tile, 16, firstBytes + 256);
    HalfFloat[] q02 = context.mmaLoadB(tile, 16, firstBytes + 512);
    HalfFloat[] q03 = context.mmaLoadB(tile, 16, firstBytes + 768);
    HalfFloat[] q10 = context.mmaLoadB(tile, 16, firstBytes + 1024);
    HalfFloat[] q11 = context.mmaLoadB(tile, 16, firstBytes + 1280);
    HalfFloat[] q12 = context.mmaLoadB(tile, 16, firstBytes + 1536);
    HalfFloat[] q13 = context.mmaLoadB(tile, 16, firstBytes + 1792);
    HalfFloat[] q20 = context.mmaLoadB(tile, 16, firstBytes + 2048);
    HalfFloat[] q21 = context.mmaLoadB(tile, 16, firstBytes + 2304);
    HalfFloat[] q22 = context.mmaLoadB(tile, 16, firstBytes + 2560);
    HalfFloat[] q23 = context.mmaLoadB(tile, 16, firstBytes + 2816);
    HalfFloat[] q30 = context.mmaLoadB(tile, 16, firstBytes + 3072);
    HalfFloat[] q31 = context.mmaLoadB(tile, 16, firstBytes + 3328);
    HalfFloat[] q32 = context.mmaLoadB(tile, 16, firstBytes + 3584);
    HalfFloat[] q33 = context.mmaLoadB(tile, 16, firstBytes + 3840);
    context.localBarrier();
    for (int c = 0; c < longs; c++) {
      stored[thread + (c + (c & skip)) * THREADS] = firstKeys[c];
    }

    // Left factors are four matrices of 8 rows of 16 bytes, one behind the other. The offset takes
    // back what mmaLoadA assumes, rows of 32 bytes.
    int linear = lane * 16 - ((lane >> 3 & 1) * 8 + (lane & 7)) * 32 - (lane >> 4) * 16;
    int values = VALUES_BYTES + linear;
    int weightBytes = warp * WEIGHTS * 4;
    int ownWeight = warp * WEIGHTS + lane;
    int row0 = warp * WARP_ROWS + 2 * inQuad;
    float valueScale = scales.get(2 * kvHead + 1);
    int firstOfAll = 0;
    int lastOfAll = keyCount - 1;
    for (int r = 0; r < WARP_ROWS; r++) {
      firstOfAll = TornadoMath.max(firstOfAll, firstVisible[warp * WARP_ROWS + r]);
      lastOfAll = TornadoMath.min(lastOfAll, lastVisible[warp * WARP_ROWS + r]);
    }
    float[] scores = new float[32];
    float[] sum = new float[8];
    float[] norm = new float[8];
    int[] state = new int[8];
    float[] start0 = new float[4];
    float[] start1 = new float[4];
    float[] start2 = new float[4];
    float[] start3 = new float[4];
    // Tiles from and up to which scores need no more than their products, after a round's first.
    int plainFrom = (firstOfAll + (KEYS - 1)) / KEYS;
    int plainTo = TornadoMath.max(0, lastOfAll + 1) / KEYS;
    plainTo = divisor > 1.0f ? 0 : plainTo;
    plainTo = cap > 0.0f ? 0 : plainTo;
    int storedTiles = 0;
    int next = 0;
    int more = 1;
    context.localBarrier();
    rowAt[thread] = stateRow;

    while (more == 1) {
      float[] o00 = context.mmaFragment(0.0f);
      float[] o01 = context.mmaFragment(0.0f);
      float[] o02 = context.mmaFragment(0.0f);
      float[] o03 = context.mmaFragment(0.0f);
      float[] o10 = context.mmaFragment(0.0f);
      float[] o11 = context.mmaFragment(0.0f);
      float[] o12 = context.mmaFragment(0.0f);
      float[] o13 = context.mmaFragment(0.0f);
      float[] o20 = context.mmaFragment(0.0f);
      float[] o21 = context.mmaFragment(0.0f);
      float[] o22 = context.mmaFragment(0.0f);
      float[] o23 = context.mmaFragment(0.0f);
      float[] o30 = context.mmaFragment(0.0f);
      float[] o31 = context.mmaFragment(0.0f);
      float[] o32 = context.mmaFragment(0.0f);
      float[] o33 = context.mmaFragment(0.0f);
      float[] o40 = context.mmaFragment(0.0f);
      float[] o41 = context.mmaFragment(0.0f);
      float[] o42 = context.mmaFragment(0.0f);
      float[] o43 = context.mmaFragment(0.0f);
      float[] o50 = context.mmaFragment(0.0f);
      float[] o51 = context.mmaFragment(0.0f);
      float[] o52 = context.mmaFragment(0.0f);
      float[] o53 = context.mmaFragment(0.0f);
      float[] o60 = context.mmaFragment(0.0f);
      float[] o61 = context.mmaFragment(0.0f);
      float[] o62 = context.mmaFragment(0.0f);
      float[] o63 = context.mmaFragment(0.0f);
      float[] o70 = context.mmaFragment(0.0f);
      float[] o71 = context.mmaFragment(0.0f);
      float[] o72 = context.mmaFragment(0.0f);
      float[] o73 = context.mmaFragment(0.0f);
      for (int r = 0; r < 8; r++) {
        sum[r] = 0.0f;
      }

      // The tile from which on scores need more than their products.
      int special = 0;
      while (next < tileCount) {
        long[] copied = new long[AHEAD];
        // Where the products of scores start.
        for (int h = 0; h < 4; h++) {
          int row = row0 + (h & 1);
          start0[h] = starts[row];
          start1[h] = starts[row + 8];
          start2[h] = starts[row + 16];
          start3[h] = starts[row + 24];
        }
        HalfFloat[] k00 = context.mmaLoadA(tile, 16, linear + 0);
        HalfFloat[] k10 = context.mmaLoadA(tile, 16, linear + 4096);
        float[] s00 = context.mma(k00, q00, start0, MMAShape.M16N8K16);
        float[] s10 = context.mma(k10, q00, start0, MMAShape.M16N8K16);
        float[] s01 = context.mma(k00, q01, start1, MMAShape.M16N8K16);
        float[] s11 = context.mma(k10, q01, start1, MMAShape.M16N8K16);
        float[] s02 = context.mma(k00, q02, start2, MMAShape.M16N8K16);
        float[] s12 = context.mma(k10, q02, start2, MMAShape.M16N8K16);
        float[] s03 = context.mma(k00, q03, start3, MMAShape.M16N8K16);
        float[] s13 = context.mma(k10, q03, start3, MMAShape.M16N8K16);
        HalfFloat[] k01 = context.mmaLoadA(tile, 16, linear + 512);
        HalfFloat[] k11 = context.mmaLoadA(tile, 16, linear + 4608);
        s00 = context.mma(k01, q10, s00, MMAShape.M16N8K16);
        s10 = context.mma(k11, q10, s10, MMAShape.M16N8K16);
        s01 = context.mma(k01, q11, s01, MMAShape.M16N8K16);
        s11 = context.mma(k11, q11, s11, MMAShape.M16N8K16);
        s02 = context.mma(k01, q12, s02, MMAShape.M16N8K16);
        s12 = context.mma(k11, q12, s12, MMAShape.M16N8K16);
        s03 = context.mma(k01, q13, s03, MMAShape.M16N8K16);
        s13 = context.mma(k11, q13, s13, MMAShape.M16N8K16);
        HalfFloat[] k02 = context.mmaLoadA(tile, 16, linear + 1024);
        HalfFloat[] k12 = context.mmaLoadA(tile, 16, linear + 5120);
        s00 = context.mma(k02, q20, s00, MMAShape.M16N8K16);
        s10 = context.mma(k12, q20, s10, MMAShape.M16N8K16);
        s01 = context.mma(k02, q21, s01, MMAShape.M16N8K16);
        s11 = context.mma(k12, q21, s11, MMAShape.M16N8K16);
        s02 = context.mma(k02, q22, s02, MMAShape.M16N8K16);
        s12 = context.mma(k12, q22, s12, MMAShape.M16N8K16);
        s03 = context.mma(k02, q23, s03, MMAShape.M16N8K16);
        s13 = context.mma(k12, q23, s13, MMAShape.M16N8K16);
        HalfFloat[] k03 = context.mmaLoadA(tile, 16, linear + 1536);
        HalfFloat[] k13 = context.mmaLoadA(tile, 16, linear + 5632);
        s00 = context.mma(k03, q30, s00, MMAShape.M16N8K16);
        s10 = context.mma(k13, q30, s10, MMAShape.M16N8K16);
        s01 = context.mma(k03, q31, s01, MMAShape.M16N8K16);
        s11 = context.mma(k13, q31, s11, MMAShape.M16N8K16);
        s02 = context.mma(k03, q32, s02, MMAShape.M16N8K16);
        s12 = context.mma(k13, q32, s12, MMAShape.M16N8K16);
        s03 = context.mma(k03, q33, s03, MMAShape.M16N8K16);
        s13 = context.mma(k13, q33, s13, MMAShape.M16N8K16);
        // A loop of none or one, as fragments cannot be exchanged under a condition.
        for (int second = 1; second < halves; second++) {
          HalfFloat[] k04 = context.mmaLoadA(tile, 16, linear + 2048);
          HalfFloat[] k14 = context.mmaLoadA(tile, 16, linear + 6144);
          HalfFloat[] r40 = context.mmaLoadB(tile, 16, halfBytes + 0);
          s00 = context.mma(k04, r40, s00, MMAShape.M16N8K16);
          s10 = context.mma(k14, r40, s10, MMAShape.M16N8K16);
          HalfFloat[] r41 = context.mmaLoadB(tile, 16, halfBytes + 256);
          s01 = context.mma(k04, r41, s01, MMAShape.M16N8K16);
          s11 = context.mma(k14, r41, s11, MMAShape.M16N8K16);
          HalfFloat[] r42 = context.mmaLoadB(tile, 16, halfBytes + 512);
          s02 = context.mma(k04, r42, s02, MMAShape.M16N8K16);
          s12 = context.mma(k14, r42, s12, MMAShape.M16N8K16);
          HalfFloat[] r43 = context.mmaLoadB(tile, 16, halfBytes + 768);
          s03 = context.mma(k04, r43, s03, MMAShape.M16N8K16);
          s13 = context.mma(k14, r43, s13, MMAShape.M16N8K16);
          HalfFloat[] k05 = context.mmaLoadA(tile, 16, linear + 2560);
          HalfFloat[] k15 = context.mmaLoadA(tile, 16, linear + 6656);
          HalfFloat[] r50 = context.mmaLoadB(tile, 16, halfBytes + 1024);
          s00 = context.mma(k05, r50, s00, MMAShape.M16N8K16);
          s10 = context.mma(k15, r50, s10, MMAShape.M16N8K16);
          HalfFloat[] r51 = context.mmaLoadB(tile, 16, halfBytes + 1280);
          s01 = context.mma(k05, r51, s01, MMAShape.M16N8K16);
          s11 = context.mma(k15, r51, s11, MMAShape.M16N8K16);
          HalfFloat[] r52 = context.mmaLoadB(tile, 16, halfBytes + 1536);
          s02 = context.mma(k05, r52, s02, MMAShape.M16N8K16);
          s12 = context.mma(k15, r52, s12, MMAShape.M16N8K16);
          HalfFloat[] r53 = context.mmaLoadB(tile, 16, halfBytes + 1792);
          s03 = context.mma(k05, r53, s03, MMAShape.M16N8K16);
          s13 = context.mma(k15, r53, s13, MMAShape.M16N8K16);
          HalfFloat[] k06 = context.mmaLoadA(tile, 16, linear + 3072);
          HalfFloat[] k16 = context.mmaLoadA(tile, 16, linear + 7168);
          HalfFloat[] r60 = context.mmaLoadB(tile, 16, halfBytes + 2048);
          s00 = context.mma(k06, r60, s00, MMAShape.M16N8K16);
          s10 = context.mma(k16, r60, s10, MMAShape.M16N8K16);
          HalfFloat[] r61 = context.mmaLoadB(tile, 16, halfBytes + 2304);
          s01 = context.mma(k06, r61, s01, MMAShape.M16N8K16);
          s11 = context.mma(k16, r61, s11, MMAShape.M16N8K16);
          HalfFloat[] r62 = context.mmaLoadB(tile, 16, halfBytes + 2560);
          s02 = context.mma(k06, r62, s02, MMAShape.M16N8K16);
          s12 = context.mma(k16, r62, s12, MMAShape.M16N8K16);
          HalfFloat[] r63 = context.mmaLoadB(tile, 16, halfBytes + 2816);
          s03 = context.mma(k06, r63, s03, MMAShape.M16N8K16);
          s13 = context.mma(k16, r63, s13, MMAShape.M16N8K16);
          HalfFloat[] k07 = context.mmaLoadA(tile, 16, linear + 3584);
          HalfFloat[] k17 = context.mmaLoadA(tile, 16, linear + 7680);
          HalfFloat[] r70 = context.mmaLoadB(tile, 16, halfBytes + 3072);
          s00 = context.mma(k07, r70, s00, MMAShape.M16N8K16);
          s10 = context.mma(k17, r70, s10, MMAShape.M16N8K16);
          HalfFloat[] r71 = context.mmaLoadB(tile, 16, halfBytes + 3328);
          s01 = context.mma(k07, r71, s01, MMAShape.M16N8K16);
          s11 = context.mma(k17, r71, s11, MMAShape.M16N8K16);
          HalfFloat[] r72 = context.mmaLoadB(tile, 16, halfBytes + 3584);
          s02 = context.mma(k07, r72, s02, MMAShape.M16N8K16);
          s12 = context.mma(k17, r72, s12, MMAShape.M16N8K16);
          HalfFloat[] r73 = context.mmaLoadB(tile, 16, halfBytes + 3840);
          s03 = context.mma(k07, r73, s03, MMAShape.M16N8K16);
          s13 = context.mma(k17, r73, s13, MMAShape.M16N8K16);
        }
        // Not before: registers are scarce in the products. Not after: compilers would move them to
        // where they are needed, and cannot move them past the stores that follow.
        load(tiles, copied, (source & tileBits) + (long) thread + halfTile, longs);
        context.mmaStore(s00, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[0] = exchange[own];
        scores[1] = exchange[own + 1];
        scores[2] = exchange[own + LOW];
        scores[3] = exchange[own + LOW + 1];
        context.mmaStore(s01, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[4] = exchange[own];
        scores[5] = exchange[own + 1];
        scores[6] = exchange[own + LOW];
        scores[7] = exchange[own + LOW + 1];
        context.mmaStore(s02, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[8] = exchange[own];
        scores[9] = exchange[own + 1];
        scores[10] = exchange[own + LOW];
        scores[11] = exchange[own + LOW + 1];
        context.mmaStore(s03, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[12] = exchange[own];
        scores[13] = exchange[own + 1];
        scores[14] = exchange[own + LOW];
        scores[15] = exchange[own + LOW + 1];
        context.mmaStore(s10, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[16] = exchange[own];
        scores[17] = exchange[own + 1];
        scores[18] = exchange[own + LOW];
        scores[19] = exchange[own + LOW + 1];
        context.mmaStore(s11, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[20] = exchange[own];
        scores[21] = exchange[own + 1];
        scores[22] = exchange[own + LOW];
        scores[23] = exchange[own + LOW + 1];
        context.mmaStore(s12, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[24] = exchange[own];
        scores[25] = exchange[own + 1];
        scores[26] = exchange[own + LOW];
        scores[27] = exchange[own + LOW + 1];
        context.mmaStore(s13, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        scores[28] = exchange[own];
        scores[29] = exchange[own + 1];
        scores[30] = exchange[own + LOW];
        scores[31] = exchange[own + LOW + 1];
        float most = 0.0f;
        if (next >= special) {
          float[] best = new float[8];
          for (int r = 0; r < 8; r++) {
            best[r] = Softmax.LOWEST;
          }
          for (int i = 0; i < 32; i++) {
            int key = next * KEYS + (i >> 4) * 16 + (i >> 1 & 1) * 8 + quad;
            int row = row0 + (i >> 2 & 3) * 8 + (i & 1);
            float score = scores[i] * divisor;
            if (cap > 0.0f) {
              score = cap * TornadoMath.tanh(score) - base(reference[row]);
            }
            scores[i] = Softmax.visible(score, key, firstVisible[row], lastVisible[row]);
            int r = 2 * (i >> 2 & 3) + (i & 1);
            best[r] = TornadoMath.max(best[r], scores[i]);
            // A row whose first keys come only now has no reference yet.
            boolean first = reference[row] == Softmax.LOWEST;
            most = first && scores[i] > Softmax.HIDDEN ? 2.0f * MOST : most;
          }
          // The first tile of a round gives references.
          if (next == storedTiles) {
            most = 0.0f;
            for (int r = 0; r < 8; r++) {
              float top = TornadoMath.max(best[r], context.simdShuffleDown(best[r], 16));
              top = TornadoMath.max(top, context.simdShuffleDown(top, 8));
              top = TornadoMath.max(top, context.simdShuffleDown(top, 4));
              if (quad == 0) {
                highest[row0 + 8 * (r >> 1) + (r & 1)] = top;
              }
            }
            context.localBarrier();
            // Each thread for one row, whose scores are relative to its reference.
            float old = reference[thread];
            float top = highest[thread];
            top = top > Softmax.LOWEST ? TornadoMath.max(old, top + base(old)) : old;
            reference[thread] = top;
            raised[thread] = base(top) - base(old);
            starts[thread] = cap > 0.0f ? 0.0f : -base(top) / divisor;
            context.localBarrier();
            for (int i = 0; i < 32; i++) {
              scores[i] -= raised[row0 + (i >> 2 & 3) * 8 + (i & 1)];
            }
          }
          special = next + 1 < plainFrom ? 0 : plainTo;
        }
        float[] added = new float[8];
        for (int i = 0; i < 32; i += 2) {
          int r = 2 * (i >> 2 & 3);
          float weight = TornadoMath.exp(scores[i]);
          float neighbour = TornadoMath.exp(scores[i + 1]);
          if (i < 16 && (i & 2) == 0) {
            added[r] = weight;
            added[r + 1] = neighbour;
          } else {
            added[r] += weight;
            added[r + 1] += neighbour;
          }
          int low = new HalfFloat(weight).getHalfFloatValue() & 0xFFFF;
          int high = new HalfFloat(neighbour).getHalfFloatValue() & 0xFFFF;
          weights[ownWeight + (i >> 2) * 64 + (i >> 1 & 1) * 32] = low | high << 16;
        }
        for (int c = 0; c < longs; c++) {
          stored[HALF_TILE + thread + (c + (c & skip)) * THREADS] = copied[c];
        }
        for (int r = 0; r < 8; r++) {
          most = TornadoMath.max(most, added[r]);
        }
        if (most > MOST) {
          context.atomicAdd(exceeded, 0, 1);
        }
        int ahead = next + 1 < tileCount ? source + sourceStep : source;
        context.localBarrier();
        // Asked for together with the first fragments, which are read in vain if the round ends.
        int over = exceeded[0];
        HalfFloat[] p00 = context.mmaLoadB(weights, 16, weightBytes + 0);
        HalfFloat[] p01 = context.mmaLoadB(weights, 16, weightBytes + 256);
        HalfFloat[] p02 = context.mmaLoadB(weights, 16, weightBytes + 512);
        HalfFloat[] p03 = context.mmaLoadB(weights, 16, weightBytes + 768);
        HalfFloat[] v00 = context.mmaLoadA(tile, 16, values + 0);
        if (over > 0) {
          break;
        }
        for (int r = 0; r < 8; r++) {
          sum[r] += added[r];
        }
        o00 = context.mma(v00, p00, o00, MMAShape.M16N8K16);
        o01 = context.mma(v00, p01, o01, MMAShape.M16N8K16);
        o02 = context.mma(v00, p02, o02, MMAShape.M16N8K16);
        o03 = context.mma(v00, p03, o03, MMAShape.M16N8K16);
        load(tiles, copied, (ahead & tileBits) + (long) thread, longs);
        HalfFloat[] v01 = context.mmaLoadA(tile, 16, values + 512);
        o10 = context.mma(v01, p00, o10, MMAShape.M16N8K16);
        o11 = context.mma(v01, p01, o11, MMAShape.M16N8K16);
        o12 = context.mma(v01, p02, o12, MMAShape.M16N8K16);
        o13 = context.mma(v01, p03, o13, MMAShape.M16N8K16);
        HalfFloat[] v02 = context.mmaLoadA(tile, 16, values + 1024);
        o20 = context.mma(v02, p00, o20, MMAShape.M16N8K16);
        o21 = context.mma(v02, p01, o21, MMAShape.M16N8K16);
        o22 = context.mma(v02, p02, o22, MMAShape.M16N8K16);
        o23 = context.mma(v02, p03, o23, MMAShape.M16N8K16);
        HalfFloat[] v03 = context.mmaLoadA(tile, 16, values + 1536);
        o30 = context.mma(v03, p00, o30, MMAShape.M16N8K16);
        o31 = context.mma(v03, p01, o31, MMAShape.M16N8K16);
        o32 = context.mma(v03, p02, o32, MMAShape.M16N8K16);
        o33 = context.mma(v03, p03, o33, MMAShape.M16N8K16);
        for (int second = 1; second < halves; second++) {
          HalfFloat[] v04 = context.mmaLoadA(tile, 16, values + 2048);
          o40 = context.mma(v04, p00, o40, MMAShape.M16N8K16);
          o41 = context.mma(v04, p01, o41, MMAShape.M16N8K16);
          o42 = context.mma(v04, p02, o42, MMAShape.M16N8K16);
          o43 = context.mma(v04, p03, o43, MMAShape.M16N8K16);
          HalfFloat[] v05 = context.mmaLoadA(tile, 16, values + 2560);
          o50 = context.mma(v05, p00, o50, MMAShape.M16N8K16);
          o51 = context.mma(v05, p01, o51, MMAShape.M16N8K16);
          o52 = context.mma(v05, p02, o52, MMAShape.M16N8K16);
          o53 = context.mma(v05, p03, o53, MMAShape.M16N8K16);
          HalfFloat[] v06 = context.mmaLoadA(tile, 16, values + 3072);
          o60 = context.mma(v06, p00, o60, MMAShape.M16N8K16);
          o61 = context.mma(v06, p01, o61, MMAShape.M16N8K16);
          o62 = context.mma(v06, p02, o62, MMAShape.M16N8K16);
          o63 = context.mma(v06, p03, o63, MMAShape.M16N8K16);
          HalfFloat[] v07 = context.mmaLoadA(tile, 16, values + 3584);
          o70 = context.mma(v07, p00, o70, MMAShape.M16N8K16);
          o71 = context.mma(v07, p01, o71, MMAShape.M16N8K16);
          o72 = context.mma(v07, p02, o72, MMAShape.M16N8K16);
          o73 = context.mma(v07, p03, o73, MMAShape.M16N8K16);
        }
        HalfFloat[] p10 = context.mmaLoadB(weights, 16, weightBytes + 1024);
        HalfFloat[] p11 = context.mmaLoadB(weights, 16, weightBytes + 1280);
        HalfFloat[] p12 = context.mmaLoadB(weights, 16, weightBytes + 1536);
        HalfFloat[] p13 = context.mmaLoadB(weights, 16, weightBytes + 1792);
        HalfFloat[] v10 = context.mmaLoadA(tile, 16, values + 4096);
        o00 = context.mma(v10, p10, o00, MMAShape.M16N8K16);
        o01 = context.mma(v10, p11, o01, MMAShape.M16N8K16);
        o02 = context.mma(v10, p12, o02, MMAShape.M16N8K16);
        o03 = context.mma(v10, p13, o03, MMAShape.M16N8K16);
        HalfFloat[] v11 = context.mmaLoadA(tile, 16, values + 4608);
        o10 = context.mma(v11, p10, o10, MMAShape.M16N8K16);
        o11 = context.mma(v11, p11, o11, MMAShape.M16N8K16);
        o12 = context.mma(v11, p12, o12, MMAShape.M16N8K16);
        o13 = context.mma(v11, p13, o13, MMAShape.M16N8K16);
        HalfFloat[] v12 = context.mmaLoadA(tile, 16, values + 5120);
        o20 = context.mma(v12, p10, o20, MMAShape.M16N8K16);
        o21 = context.mma(v12, p11, o21, MMAShape.M16N8K16);
        o22 = context.mma(v12, p12, o22, MMAShape.M16N8K16);
        o23 = context.mma(v12, p13, o23, MMAShape.M16N8K16);
        HalfFloat[] v13 = context.mmaLoadA(tile, 16, values + 5632);
        o30 = context.mma(v13, p10, o30, MMAShape.M16N8K16);
        o31 = context.mma(v13, p11, o31, MMAShape.M16N8K16);
        o32 = context.mma(v13, p12, o32, MMAShape.M16N8K16);
        o33 = context.mma(v13, p13, o33, MMAShape.M16N8K16);
        for (int second = 1; second < halves; second++) {
          HalfFloat[] v14 = context.mmaLoadA(tile, 16, values + 6144);
          o40 = context.mma(v14, p10, o40, MMAShape.M16N8K16);
          o41 = context.mma(v14, p11, o41, MMAShape.M16N8K16);
          o42 = context.mma(v14, p12, o42, MMAShape.M16N8K16);
          o43 = context.mma(v14, p13, o43, MMAShape.M16N8K16);
          HalfFloat[] v15 = context.mmaLoadA(tile, 16, values + 6656);
          o50 = context.mma(v15, p10, o50, MMAShape.M16N8K16);
          o51 = context.mma(v15, p11, o51, MMAShape.M16N8K16);
          o52 = context.mma(v15, p12, o52, MMAShape.M16N8K16);
          o53 = context.mma(v15, p13, o53, MMAShape.M16N8K16);
          HalfFloat[] v16 = context.mmaLoadA(tile, 16, values + 7168);
          o60 = context.mma(v16, p10, o60, MMAShape.M16N8K16);
          o61 = context.mma(v16, p11, o61, MMAShape.M16N8K16);
          o62 = context.mma(v16, p12, o62, MMAShape.M16N8K16);
          o63 = context.mma(v16, p13, o63, MMAShape.M16N8K16);
          HalfFloat[] v17 = context.mmaLoadA(tile, 16, values + 7680);
          o70 = context.mma(v17, p10, o70, MMAShape.M16N8K16);
          o71 = context.mma(v17, p11, o71, MMAShape.M16N8K16);
          o72 = context.mma(v17, p12, o72, MMAShape.M16N8K16);
          o73 = context.mma(v17, p13, o73, MMAShape.M16N8K16);
        }
        for (int c = 0; c < longs; c++) {
          stored[thread + (c + (c & skip)) * THREADS] = copied[c];
        }
        context.localBarrier();
        source = ahead;
        next++;
      }

      int last = next == tileCount ? 1 : 0;
      int any = next > storedTiles ? 1 : 0;
      context.localBarrier();
      for (int r = 0; r < 8; r++) {
        float added = sum[r] + context.simdShuffleDown(sum[r], 16);
        added += context.simdShuffleDown(added, 8);
        added += context.simdShuffleDown(added, 4);
        if (quad == 0) {
          gained[row0 + 8 * (r >> 1) + (r & 1)] = added;
        }
      }
      if (thread == 0) {
        exceeded[0] = 0;
      }
      context.localBarrier();
      // Each thread for one row.
      float old = reference[thread];
      float kept = storedTiles > 0 ? TornadoMath.exp(before[thread] - old) : 0.0f;
      float sumOfRow = any == 1 ? total[thread] * kept + gained[thread] : total[thread];
      float normOfRow = last == 1 ? valueScale * Softmax.inverse(sumOfRow) : 1.0f;
      if (last == 1 && thread < rowCount) {
        lses.set(rowAt[thread], Softmax.lse(base(old), sumOfRow));
      }
      total[thread] = sumOfRow;
      keeps[thread] = kept;
      norms[thread] = thread < rowCount ? normOfRow : -1.0f;
      before[thread] = any == 1 ? old : before[thread];
      context.localBarrier();
      int stores = TornadoMath.max(any, last);
      int later = storedTiles > 0 ? stores : 0;
      int room = later * (slots / 2) * queryHeads;
      for (int r = 0; r < 8; r++) {
        int row = row0 + 8 * (r >> 1) + (r & 1);
        norm[r] = later == 1 && norms[row] >= 0.0f ? 1.0f : norms[row];
        state[r] = (rowAt[row] + room) * dim + quad;
      }
      if (stores == 1) {
        // All numbers of rows are read before any is stored, as a store might be to what is read.
        float[] row = new float[HEAD_DIM / 8];
        float[] nextRow = new float[HEAD_DIM / 8];
        context.mmaStore(o00, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[0] = exchange[own];
        nextRow[0] = exchange[own + 1];
        row[1] = exchange[own + LOW];
        nextRow[1] = exchange[own + LOW + 1];
        context.mmaStore(o10, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[2] = exchange[own];
        nextRow[2] = exchange[own + 1];
        row[3] = exchange[own + LOW];
        nextRow[3] = exchange[own + LOW + 1];
        context.mmaStore(o20, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[4] = exchange[own];
        nextRow[4] = exchange[own + 1];
        row[5] = exchange[own + LOW];
        nextRow[5] = exchange[own + LOW + 1];
        context.mmaStore(o30, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[6] = exchange[own];
        nextRow[6] = exchange[own + 1];
        row[7] = exchange[own + LOW];
        nextRow[7] = exchange[own + LOW + 1];
        context.mmaStore(o40, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[8] = exchange[own];
        nextRow[8] = exchange[own + 1];
        row[9] = exchange[own + LOW];
        nextRow[9] = exchange[own + LOW + 1];
        context.mmaStore(o50, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[10] = exchange[own];
        nextRow[10] = exchange[own + 1];
        row[11] = exchange[own + LOW];
        nextRow[11] = exchange[own + LOW + 1];
        context.mmaStore(o60, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[12] = exchange[own];
        nextRow[12] = exchange[own + 1];
        row[13] = exchange[own + LOW];
        nextRow[13] = exchange[own + LOW + 1];
        context.mmaStore(o70, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[14] = exchange[own];
        nextRow[14] = exchange[own + 1];
        row[15] = exchange[own + LOW];
        nextRow[15] = exchange[own + LOW + 1];
        put(states, state[0] & stateBits, row, norm[0], dim);
        put(states, state[1] & stateBits, nextRow, norm[1], dim);
        context.mmaStore(o01, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[0] = exchange[own];
        nextRow[0] = exchange[own + 1];
        row[1] = exchange[own + LOW];
        nextRow[1] = exchange[own + LOW + 1];
        context.mmaStore(o11, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[2] = exchange[own];
        nextRow[2] = exchange[own + 1];
        row[3] = exchange[own + LOW];
        nextRow[3] = exchange[own + LOW + 1];
        context.mmaStore(o21, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[4] = exchange[own];
        nextRow[4] = exchange[own + 1];
        row[5] = exchange[own + LOW];
        nextRow[5] = exchange[own + LOW + 1];
        context.mmaStore(o31, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[6] = exchange[own];
        nextRow[6] = exchange[own + 1];
        row[7] = exchange[own + LOW];
        nextRow[7] = exchange[own + LOW + 1];
        context.mmaStore(o41, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[8] = exchange[own];
        nextRow[8] = exchange[own + 1];
        row[9] = exchange[own + LOW];
        nextRow[9] = exchange[own + LOW + 1];
        context.mmaStore(o51, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[10] = exchange[own];
        nextRow[10] = exchange[own + 1];
        row[11] = exchange[own + LOW];
        nextRow[11] = exchange[own + LOW + 1];
        context.mmaStore(o61, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[12] = exchange[own];
        nextRow[12] = exchange[own + 1];
        row[13] = exchange[own + LOW];
        nextRow[13] = exchange[own + LOW + 1];
        context.mmaStore(o71, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[14] = exchange[own];
        nextRow[14] = exchange[own + 1];
        row[15] = exchange[own + LOW];
        nextRow[15] = exchange[own + LOW + 1];
        put(states, state[2] & stateBits, row, norm[2], dim);
        put(states, state[3] & stateBits, nextRow, norm[3], dim);
        context.mmaStore(o02, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[0] = exchange[own];
        nextRow[0] = exchange[own + 1];
        row[1] = exchange[own + LOW];
        nextRow[1] = exchange[own + LOW + 1];
        context.mmaStore(o12, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[2] = exchange[own];
        nextRow[2] = exchange[own + 1];
        row[3] = exchange[own + LOW];
        nextRow[3] = exchange[own + LOW + 1];
        context.mmaStore(o22, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[4] = exchange[own];
        nextRow[4] = exchange[own + 1];
        row[5] = exchange[own + LOW];
        nextRow[5] = exchange[own + LOW + 1];
        context.mmaStore(o32, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[6] = exchange[own];
        nextRow[6] = exchange[own + 1];
        row[7] = exchange[own + LOW];
        nextRow[7] = exchange[own + LOW + 1];
        context.mmaStore(o42, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[8] = exchange[own];
        nextRow[8] = exchange[own + 1];
        row[9] = exchange[own + LOW];
        nextRow[9] = exchange[own + LOW + 1];
        context.mmaStore(o52, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[10] = exchange[own];
        nextRow[10] = exchange[own + 1];
        row[11] = exchange[own + LOW];
        nextRow[11] = exchange[own + LOW + 1];
        context.mmaStore(o62, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[12] = exchange[own];
        nextRow[12] = exchange[own + 1];
        row[13] = exchange[own + LOW];
        nextRow[13] = exchange[own + LOW + 1];
        context.mmaStore(o72, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[14] = exchange[own];
        nextRow[14] = exchange[own + 1];
        row[15] = exchange[own + LOW];
        nextRow[15] = exchange[own + LOW + 1];
        put(states, state[4] & stateBits, row, norm[4], dim);
        put(states, state[5] & stateBits, nextRow, norm[5], dim);
        context.mmaStore(o03, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[0] = exchange[own];
        nextRow[0] = exchange[own + 1];
        row[1] = exchange[own + LOW];
        nextRow[1] = exchange[own + LOW + 1];
        context.mmaStore(o13, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[2] = exchange[own];
        nextRow[2] = exchange[own + 1];
        row[3] = exchange[own + LOW];
        nextRow[3] = exchange[own + LOW + 1];
        context.mmaStore(o23, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[4] = exchange[own];
        nextRow[4] = exchange[own + 1];
        row[5] = exchange[own + LOW];
        nextRow[5] = exchange[own + LOW + 1];
        context.mmaStore(o33, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[6] = exchange[own];
        nextRow[6] = exchange[own + 1];
        row[7] = exchange[own + LOW];
        nextRow[7] = exchange[own + LOW + 1];
        context.mmaStore(o43, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[8] = exchange[own];
        nextRow[8] = exchange[own + 1];
        row[9] = exchange[own + LOW];
        nextRow[9] = exchange[own + LOW + 1];
        context.mmaStore(o53, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[10] = exchange[own];
        nextRow[10] = exchange[own + 1];
        row[11] = exchange[own + LOW];
        nextRow[11] = exchange[own + LOW + 1];
        context.mmaStore(o63, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[12] = exchange[own];
        nextRow[12] = exchange[own + 1];
        row[13] = exchange[own + LOW];
        nextRow[13] = exchange[own + LOW + 1];
        context.mmaStore(o73, registers, exchangeRow, exchangeColumn, EXCHANGE_ROW);
        row[14] = exchange[own];
        nextRow[14] = exchange[own + 1];
        row[15] = exchange[own + LOW];
        nextRow[15] = exchange[own + LOW + 1];
        put(states, state[6] & stateBits, row, norm[6], dim);
        put(states, state[7] & stateBits, nextRow, norm[7], dim);
      }
      // What an earlier round stored is added to what this one left in the rows' other slots.
      if (later == 1) {
        context.globalBarrier();
        int step = THREADS / dim;
        int element = thread & (dim - 1);
        for (int first = thread / dim; first < rowCount; first += ADDED * step) {
          // All are read before any is stored; rows beyond the last are read as the first.
          float[] sums = new float[ADDED];
          for (int i = 0; i < ADDED; i++) {
            int read = first + i * step < rowCount ? first + i * step : first;
            int at = rowAt[read] * dim + element;
            sums[i] = (states.get(at) * keeps[read] + states.get(at + room * dim)) * norms[read];
          }
          for (int i = 0; i < ADDED; i++) {
            int written = first + i * step;
            if (written < rowCount) {
              states.set(rowAt[written] * dim + element, sums[i]);
            }
          }
        }
      }
      storedTiles = next;
      more = 1 - last;
      if (more == 1) {
        // The next round writes to the slots that were read, and to local memory.
        context.globalBarrier();
        context.localBarrier();
      }
    }
  }

  /** A row's reference, or 0 before its first. */
  private static float base(float reference) {
    return reference > Softmax.LOWEST ? reference : 0.0f;
  }

  /**
   * Loads this thread's part of half a tile.
   *
   * @param at the first long. Of sums of a masked int Graal knows that they are ints, and compilers
   *     add what is constant to the address, where to an int it is added before that is widened.
   */
  private static void load(LongArray tiles, long[] to, long at, int longs) {
    for (int c = 0; c < longs; c++) {
      to[c] = tiles.get((int) (at + (long) c * THREADS));
    }
  }

  /** Loads some of this thread's queries, those of a step of a product 16 elements apart. */
  private static void loadQueries(FloatArray queries, float[] to, int[] at, int first) {
    for (int i = 0; i < LOADED; i++) {
      to[i] = queries.get(at[i & 15] + first + (i >> 4) * 16);
    }
  }

  /** Four numbers, multiplied, in half precision. */
  private static long four(float[] numbers, int at, float factor) {
    float a = numbers[at] * factor;
    float b = numbers[at + 1] * factor;
    float c = numbers[at + 2] * factor;
    float d = numbers[at + 3] * factor;
    long first = new HalfFloat(a).getHalfFloatValue() & 0xFFFF;
    long second = new HalfFloat(b).getHalfFloatValue() & 0xFFFF;
    long third = new HalfFloat(c).getHalfFloatValue() & 0xFFFF;
    long fourth = new HalfFloat(d).getHalfFloatValue() & 0xFFFF;
    return first | second << 16 | third << 32 | fourth << 48;
  }

  /**
   * Writes a row's numbers of this thread, each 8 elements behind the one before, but for rows
   * beyond the last, whose factor is negative.
   *
   * @param at the first. Of sums of a masked int Graal knows that they are ints, as in {@link
   *     #load}
   */
  private static void put(FloatArray states, long at, float[] numbers, float factor, int dim) {
    if (factor >= 0.0f) {
      for (int i = 0; i < dim / 8; i++) {
        states.set((int) (at + 8L * i), numbers[i] * factor);
      }
    }
  }
}
