package io.github.hydragen.tornado.simulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.simulator.GlobalTraffic;
import io.github.hydragen.simulator.KernelStatistics;
import io.github.hydragen.simulator.SimulatorStatistics;
import io.github.hydragen.tornado.plan.SegmentModel;
import io.github.hydragen.tornado.plan.SegmentModel.Work;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tuned kernels on the simulator, compared with the exact reference, and what they cost. */
@ParameterizedClass
@EnumSource(
    value = DataType.class,
    names = {"BF16", "F16"})
class TunedKernelsTest {
  private static final String KERNELS = "hydragen.tornado.kernels";

  private final DataType storage;
  private final EngineOptions options;

  /** Arguments of the suffix pass. */
  private static final int KEYS = 2;

  private static final int VALUES = 3;

  TunedKernelsTest(DataType storage) {
    this.storage = storage;
    options = EngineOptions.defaults().withStorage(storage).withBackend("simulator");
  }

  @BeforeAll
  static void tuned() {
    System.setProperty(KERNELS, "tuned");
  }

  @AfterAll
  static void automatic() {
    System.clearProperty(KERNELS);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1",
    "2, 2, 3, 32, 5",
    "4, 1, 5, 40, 33",
    "2, 1, 33, 10, 3",
    "8, 1, 3, 33, 40",
    "4, 4, 1, 0, 40",
    "8, 2, 5, 40, 70",
    "6, 2, 3, 33, 32",
    "4, 2, 6, 0, 65",
    "5, 1, 2, 0, 1",
    "16, 2, 3, 40, 70",
    "16, 1, 2, 33, 33",
    "20, 1, 2, 0, 40"
  })
  void agreesWithTheReference(int queryHeads, int kvHeads, int batch, int prefix, int suffix) {
    compare(options, AttentionShape.of(queryHeads, kvHeads, 128), batch, prefix, suffix, 1, 1.0f);
  }

  /** Three tiles of rows where the simulator has room for two: each is cut elsewhere. */
  @Test
  void tilesThatAreCutAtPlacesOfTheirOwn() {
    int prefix = 2401;
    Work work = new Work(3, prefix);
    assertEquals(3, new SegmentModel(List.of(work), 1, 2).cuts(256, 32).getFirst().tiles());
    compare(options, AttentionShape.of(16, 1, 64), 17, prefix, 3, 1, 1.0f);
  }

  /** Prefixes and suffixes in kernels of their own, also where one could have both. */
  @ParameterizedTest
  @CsvSource({"1, 1", "4, 4", "4, 1"})
  void separateKernels(int queryHeads, int kvHeads) {
    System.setProperty(KERNELS, "separate");
    try {
      compare(options, AttentionShape.of(queryHeads, kvHeads, 128), 3, 40, 33, 1, 1.0f);
    } finally {
      tuned();
    }
  }

  /** Heads of four sequences side by side, some without keys; a part of a sequence's keys empty. */
  @ParameterizedTest
  @CsvSource({"1", "3", "4", "8", "11"})
  void suffixesOfAllLengths(int group) {
    AttentionShape shape = AttentionShape.of(group, 1, 128);
    int[] lengths = {70, 1, 0, 33, 5, 0, 0};
    SplittableRandom random = new SplittableRandom(11);
    int tokens = Arrays.stream(lengths).sum();
    Tensor k = Tensor.of(normal(random, tokens * 128, 1), tokens, 1, 128);
    Tensor v = Tensor.of(normal(random, tokens * 128, 1), tokens, 1, 128);
    float[] prefix = normal(random, 40 * 128, 1);
    float[] q = normal(random, lengths.length * shape.queryRow(), 1);
    float[][] outs = new float[2][q.length];
    String[] backends = {"reference", "simulator"};
    for (int i = 0; i < 2; i++) {
      try (AttentionEngine engine = AttentionEngine.open(shape, options.withBackend(backends[i]))) {
        SequenceBatch batch = engine.batch(lengths.length, 600);
        Tensor shared = Tensor.of(prefix, 40, 1, 128);
        batch.attach(1, engine.prefix(shared, shared));
        batch.append(k, v, lengths);
        batch.attend(q, outs[i], new float[lengths.length * group]);
      }
    }
    assertArrayEquals(outs[0], outs[1], 2e-3f);
  }

  /** What comes after the first step is stored by a kernel. */
  @ParameterizedTest
  @CsvSource({"2, 2", "4, 2"})
  void appendsOnTheDevice(int queryHeads, int kvHeads) {
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, 128);
    float[][] outs = new float[2][3 * shape.queryRow()];
    String[] backends = {"reference", "simulator"};
    for (int i = 0; i < 2; i++) {
      SplittableRandom random = new SplittableRandom(5);
      try (AttentionEngine engine = AttentionEngine.open(shape, options.withBackend(backends[i]))) {
        SequenceBatch batch = engine.batch(3, 9);
        batch.attachAll(prefix(engine, null, random, 40));
        for (int tokens = 1; tokens < 4; tokens++) {
          float[] keys = normal(random, 3 * tokens * shape.kvRow(), 1);
          batch.append(keys, normal(random, keys.length, 1));
          batch.attend(normal(random, outs[i].length, 1), outs[i], null);
        }
      }
    }
    assertArrayEquals(outs[0], outs[1], 2e-3f);
  }

  /** Stored with 64 or 128 elements, and multiplied with as many. */
  @ParameterizedTest
  @CsvSource({"1, 100", "2, 100", "1, 64", "2, 64", "3, 64", "5, 64", "12, 64", "2, 30", "8, 80"})
  void headsOfAnySize(int group, int headDim) {
    compare(options, AttentionShape.of(2 * group, 2, headDim), 3, 40, 37, 1, 1.0f);
  }

  /**
   * With few heads of 64 elements it takes more tokens than four to fill a work-group of a copy.
   */
  @ParameterizedTest
  @CsvSource({"1, 1, 19, 1", "5, 1, 18, 1", "3, 3, 20, 1", "1, 1, 19, 3"})
  void copiesHaveWholeWorkGroups(int queryHeads, int kvHeads, int batch, int queries) {
    compare(options, AttentionShape.of(queryHeads, kvHeads, 64), batch, 9, 5, queries, 1.0f);
  }

  /** Prefixes begin with a tile; one without tokens takes no place, wherever the last one ends. */
  @Test
  void aPrefixWithoutTokensJoins() {
    AttentionShape shape = AttentionShape.of(2, 1, 64);
    float[] tokens = normal(new SplittableRandom(3), 2 * shape.kvRow(), 1);
    float[] q = normal(new SplittableRandom(4), 2 * shape.queryRow(), 1);
    float[][] outs = new float[2][q.length];
    String[] backends = {"reference", "simulator"};
    for (int i = 0; i < 2; i++) {
      try (AttentionEngine engine = AttentionEngine.open(shape, options.withBackend(backends[i]))) {
        SequenceBatch batch = engine.batch(2, 9);
        Prefix first = prefix(engine, null, new SplittableRandom(5), 11);
        batch.attachAll(first);
        batch.append(tokens, tokens);
        batch.attend(q, outs[i], null);
        batch.attach(1, prefix(engine, first, new SplittableRandom(6), 0));
        batch.append(tokens, tokens);
        batch.attend(q, outs[i], null);
      }
    }
    assertArrayEquals(outs[0], outs[1], 2e-3f);
  }

  @Test
  void windowsHideKeysOfPrefixes() {
    compare(options.withWindow(50), AttentionShape.of(2, 1, 128), 3, 100, 21, 1, 1.0f);
  }

  @Test
  void windowsHideKeysOfSuffixes() {
    compare(options.withWindow(20), AttentionShape.of(4, 1, 128), 3, 10, 75, 3, 1.0f);
    compare(options.withWindow(20), AttentionShape.of(8, 1, 128), 3, 10, 75, 3, 1.0f);
  }

  @Test
  void severalQueriesOfASequenceAreCausal() {
    compare(options, AttentionShape.of(2, 1, 128), 2, 20, 21, 5, 1.0f);
    compare(options, AttentionShape.of(3, 1, 128), 2, 20, 40, 7, 1.0f);
    compare(options, AttentionShape.of(7, 1, 128), 2, 20, 40, 7, 1.0f);
  }

  @Test
  void scoresAreBounded() {
    compare(options.withLogitSoftCap(5), AttentionShape.of(2, 1, 128), 2, 40, 21, 1, 4.0f);
    compare(options.withLogitSoftCap(5), AttentionShape.of(4, 1, 128), 2, 0, 40, 1, 4.0f);
    compare(options.withLogitSoftCap(5), AttentionShape.of(8, 1, 128), 2, 0, 40, 1, 4.0f);
  }

  /** Sent as they are, and after queries of F32 as those. */
  @Test
  void queriesOfTheStorageType() {
    AttentionShape shape = AttentionShape.of(2, 1, 128);
    float[] q = normal(new SplittableRandom(3), 3 * shape.queryRow(), 1);
    Tensor narrow = Tensor.allocate(Arena.ofAuto(), storage, 3, 2, 128);
    for (int i = 0; i < q.length; i++) {
      narrow.set(i, q[i]);
      q[i] = narrow.get(i);
    }
    Tensor wide = Tensor.of(q, 3, 2, 128);
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      SequenceBatch batch = engine.batch(3, 9);
      float[] tokens = normal(new SplittableRandom(4), 3 * 5 * shape.kvRow(), 1);
      batch.append(tokens, tokens);
      float[][] outs = new float[3][q.length];
      batch.attend(narrow, Tensor.of(outs[0], 3, 2, 128), null);
      batch.attend(wide, Tensor.of(outs[1], 3, 2, 128), null);
      batch.attend(narrow, Tensor.of(outs[2], 3, 2, 128), null);
      assertArrayEquals(outs[1], outs[0]);
      assertArrayEquals(outs[1], outs[2]);
    }
  }

  @Test
  void withoutSharing() {
    compare(options.withSharing(Sharing.NEVER), AttentionShape.of(2, 1, 128), 2, 40, 21, 1, 1.0f);
  }

  /** Scores that grow from tile to tile: every tile ends a round. */
  @ParameterizedTest
  @CsvSource({"30", "20000", "1e-4"})
  void queriesOfAnySize(float factor) {
    compare(options, AttentionShape.of(2, 1, 128), 2, 100, 9, 1, factor);
    compare(options, AttentionShape.of(2, 1, 64), 2, 100, 9, 1, factor);
    compare(options, AttentionShape.of(8, 1, 128), 2, 0, 40, 1, factor);
  }

  /** More than two rounds; large scores have the error that queries in half precision give. */
  @Test
  void manyRounds() {
    compare(options, AttentionShape.of(3, 3, 64), 18, 600, 3, 1, 7.0f, 1e-2);
    compare(options, AttentionShape.of(2, 1, 128), 18, 600, 3, 1, 7.0f, 1e-2);
  }

  /** Half precision would not hold what a large scale of either sign makes of queries. */
  @ParameterizedTest
  @CsvSource({"3", "-3"})
  void scalesOfEitherSign(float scale) {
    EngineOptions scaled = options.withScale(scale);
    compare(scaled, AttentionShape.of(2, 1, 128), 2, 100, 9, 1, 20_000);
    compare(scaled, AttentionShape.of(8, 1, 128), 2, 0, 40, 1, 20_000);
  }

  /** Of queries and weights 16 bits count, of stored numbers all: no error of half precision. */
  @ParameterizedTest
  @CsvSource({"8, 1", "16, 1"})
  void suffixesOfLargeGroupsAreExact(int queryHeads, int kvHeads) {
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, 128);
    float[][] expected = run(options.withBackend("reference"), shape, 2, 0, 75, 1, 1.0f);
    float[][] actual = run(options, shape, 2, 0, 75, 1, 1.0f);
    assertArrayEquals(expected[0], actual[0], 2e-5f);
    assertArrayEquals(expected[1], actual[1], 2e-5f);
  }

  private static void compare(
      EngineOptions options,
      AttentionShape shape,
      int batch,
      int prefix,
      int suffix,
      int queries,
      float factor) {
    compare(options, shape, batch, prefix, suffix, queries, factor, 2e-3);
  }

  private static void compare(
      EngineOptions options,
      AttentionShape shape,
      int batch,
      int prefix,
      int suffix,
      int queries,
      float factor,
      double tolerance) {
    float[][] expected =
        run(options.withBackend("reference"), shape, batch, prefix, suffix, queries, factor);
    float[][] actual = run(options, shape, batch, prefix, suffix, queries, factor);
    for (int i = 0; i < expected.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        double bound = tolerance * Math.max(1, Math.abs(expected[i][j]));
        assertEquals(expected[i][j], actual[i][j], bound, "array " + i + ", element " + j);
      }
    }
  }

  private static float[][] run(
      EngineOptions options,
      AttentionShape shape,
      int batch,
      int prefix,
      int suffix,
      int queries,
      float factor) {
    SplittableRandom random = new SplittableRandom(7);
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      SequenceBatch sequences = engine.batch(batch, suffix + 3);
      if (prefix > 0) {
        int first = prefix / 3;
        Prefix root = first == 0 ? null : prefix(engine, null, random, first);
        sequences.attachAll(prefix(engine, root, random, prefix - first));
      }
      float[] tokens = normal(random, batch * suffix * shape.kvRow(), 1);
      sequences.append(tokens, normal(random, tokens.length, 1));
      float[] q = normal(random, batch * queries * shape.queryRow(), factor);
      float[] out = new float[q.length];
      float[] lse = new float[batch * queries * shape.queryHeads()];
      sequences.attend(q, out, lse);
      return new float[][] {out, lse};
    }
  }

  private static Prefix prefix(
      AttentionEngine engine, @Nullable Prefix parent, SplittableRandom random, int tokens) {
    AttentionShape shape = engine.shape();
    long[] dims = {tokens, shape.kvHeads(), shape.headDim()};
    Tensor k = Tensor.of(normal(random, tokens * shape.kvRow(), 1), dims);
    Tensor v = Tensor.of(normal(random, tokens * shape.kvRow(), 1), dims);
    return parent == null ? engine.prefix(k, v) : engine.prefix(parent, k, v);
  }

  private static float[] normal(SplittableRandom random, int elements, float factor) {
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = factor * (float) random.nextGaussian();
    }
    return values;
  }

  /**
   * Conflicts of 4 warps that read their accumulators, with prefixes of 21 and 43 keys: 8 of them
   * for each of 1 and 2 tiles, and 32 of outputs. Threads are two floats apart, so each access is
   * one. Compilers keep these numbers in registers; the simulator does as the kernel says.
   */
  private static final long PREFIX_EXCHANGE = 4 * 8 * (8 + 32 + 2 * 8 + 32);

  /** 2 products of 128 rows, 64 keys and 128 elements; keys and values from memory once. */
  @Test
  void tilesAreMultipliedOnceOnTheMatrixUnits() {
    KernelStatistics prefix = measure(AttentionShape.of(1, 1, 128), 3, 64, 3, "joint0");
    assertEquals(PREFIX_EXCHANGE, prefix.local().bankConflicts());
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "4"})
  void suffixesAreReadInWholeSectors(int group) {
    AttentionShape shape = AttentionShape.of(group, 1, 128);
    KernelStatistics suffix = measure(shape, 2, 0, 64, "suffix0stream");
    assertTrue(suffix.loadsOf(KEYS).accesses() > 0);
    // Outputs of groups pass local memory, those of a thread side by side: compilers store four at
    // once, the simulator one by one as the kernel says.
    boolean turned = storage == DataType.BF16 && group > 1;
    assertEquals(turned ? 2L * group * 4 * 3 : 0, suffix.local().bankConflicts());
    // Four warps, two of them without keys, bring two tiles each to the cache by 8 requests. Rows
    // begin in the middle of a sector: each request touches 32 sectors, or the 8 of one row, for
    // what would be in 5, or in 2.
    boolean ahead = storage == DataType.F16 && group == 1;
    long touched = ahead ? 2 * 2 * 8 * (32 - 5) + 2 * 2 * 8 * (8 - 2) : 0;
    GlobalTraffic values = suffix.loadsOf(VALUES);
    assertEquals(values.idealSectors() + touched, values.sectors());
  }

  /**
   * A warp for each of two heads of two sequences: keys and values once; 2 barriers a tile, one for
   * the rows and, with BF16, one for the outputs.
   */
  @ParameterizedTest
  @CsvSource({"128", "64"})
  void suffixesOfGroupsAreReadOnce(int headDim) {
    KernelStatistics suffix = measure(AttentionShape.of(8, 2, headDim), 2, 0, 64, "suffix0stream");
    int numbersEach = storage == DataType.BF16 ? 4 : 2;
    assertEquals(4L * 64 * headDim / numbersEach, suffix.loadsOf(KEYS).accesses());
    assertEquals(4L * 64 * headDim / numbersEach, suffix.loadsOf(VALUES).accesses());
    assertEquals(4L * (2 * 2 + (storage == DataType.BF16 ? 2 : 1)), suffix.barriers());
  }

  /**
   * A work-group for each of two heads of two sequences, with a warp for each eight rows. Whatever
   * the group, two tiles of keys and values are read once, in whole sectors, and multiplied 32
   * times each. Threads read their accumulators through floats that lie two apart, so each access
   * is a conflict: 2 of scores and 16 of outputs a tile; with BF16 also the bits of 8 rows of
   * queries and of 2 of weights a tile, twice. Compilers keep these in registers. With F16 queries
   * are stored in pairs, two apart. Nothing else collides.
   */
  @ParameterizedTest
  @CsvSource({"5, 1", "8, 1", "16, 2"})
  void suffixesOfLargeGroupsAreReadOnce(int group, int warps) {
    KernelStatistics suffix =
        measure(AttentionShape.of(2 * group, 2, 128), 2, 0, 64, "suffix0stream");
    boolean longs = storage == DataType.BF16;
    for (int argument : new int[] {KEYS, VALUES}) {
      GlobalTraffic loads = suffix.loadsOf(argument);
      assertEquals(4L * 64 * (longs ? 32 : 64), loads.accesses());
      assertEquals(loads.idealSectors(), loads.sectors());
    }
    assertEquals(4L * warps * 2 * (32 + 32), suffix.matrixOperations());
    int conflicts = longs ? 8 * 2 * 8 + 2 * 8 * (2 + 2 * 2 + 16) : 8 * 4 + 2 * 8 * (2 + 16);
    assertEquals(4L * warps * conflicts, suffix.local().bankConflicts());
    assertEquals(4L * (longs ? 4 + 2 * 3 : 4 + 2 * 4), suffix.barriers());
  }

  /** Where a suffix is one part and its rows several, the pass over it merges, and nothing else. */
  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "4, false"})
  void suffixesOfGroupsMerge(int group, boolean alone) {
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      run(options, AttentionShape.of(2 * group, 2, 128), 2, 64, 32, 1, 1.0f);
      assertEquals(alone, statistics.kernels().containsKey("hydragen.merge"));
    }
  }

  private KernelStatistics measure(
      AttentionShape shape, int batch, int prefix, int suffix, String task) {
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      run(options, shape, batch, prefix, suffix, 1, 1.0f);
      return statistics.kernel("hydragen." + task);
    }
  }
}
