package io.github.hydragen.tornado.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.tornado.FixedView;
import io.github.hydragen.tornado.device.Kernels;
import io.github.hydragen.tornado.device.TestedDevice;
import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.kernels.WorkItem;
import io.github.hydragen.tornado.plan.StepPlanner.SuffixShape;
import io.github.hydragen.tornado.store.Cut;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Ints;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which work items a step consists of. */
class StepPlannerTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 64);

  private static final EngineOptions SHARING = EngineOptions.defaults().withSharing(Sharing.ALWAYS);

  private final ArrayDeque<BackendPrefix> open = new ArrayDeque<>();
  private EngineDevice engine = engine(SHARING);

  private static EngineDevice engine(EngineOptions options) {
    Layout layout = Layout.of(SHAPE, options);
    return new EngineDevice(TestedDevice.device(), layout, Integer.MAX_VALUE, () -> {});
  }

  @BeforeEach
  void fresh() {
    engine = engine(SHARING);
  }

  @AfterEach
  void close() {
    open.forEach(BackendPrefix::close);
  }

  private DevicePrefix prefix(@Nullable DevicePrefix parent, int tokens) {
    DevicePrefix prefix = new DevicePrefix(engine, parent, tokens);
    open.add(prefix);
    return prefix;
  }

  private StepPlan plan(PrefixPool pool, int parts, FixedView view, int... counts) {
    long tokens = Arrays.stream(counts).sum();
    return planner(pool, parts).plan(view, counts, 0, tokens);
  }

  private StepPlanner planner(PrefixPool pool, int parts) {
    return planner(engine.layout(), pool, parts);
  }

  private StepPlanner planner(Layout layout, PrefixPool pool, int parts) {
    return new StepPlanner(
        layout,
        PassShape.of(layout),
        pool,
        new SuffixShape(100, 200, parts),
        new SharingModel(engine.layout(), engine.hardware()),
        pass -> true);
  }

  private static int[] item(StepPlan plan, Pass pass, int item) {
    Ints work = plan.work().getOrDefault(pass, new Ints());
    int[] fields = new int[WorkItem.SLOT + 1];
    Arrays.setAll(fields, i -> work.get(item * WorkItem.INTS + i));
    return fields;
  }

  /** Row count, first row, entries, first key, key count, position, slot. */
  private static int[] fields(int... values) {
    return values;
  }

  @Test
  void sequencesBelowAPrefixShareTilesAndKeepTheirSuffixes() {
    DevicePrefix root = prefix(null, 300);
    PrefixPool pool = new PrefixPool(1000, 1);
    pool.add(root, 1);
    int sequences = 18;
    FixedView view = new FixedView(new int[sequences]);
    Arrays.fill(view.lengths, 7);
    Arrays.fill(view.prefixes, root);
    int[] one = new int[sequences];
    Arrays.fill(one, 1);
    StepPlan plan = plan(pool, 1, view, one);
    Pass tiles = new Pass(false, 0, true);
    assertEquals(2, plan.items(tiles), "36 rows are two tiles");
    assertArrayEquals(fields(32, 0, 18, 0, 300, 0, 0), item(plan, tiles, 0));
    assertArrayEquals(fields(4, 32, 18, 0, 300, 0, 0), item(plan, tiles, 1));
    assertEquals(2, plan.items(new Pass(true, 0, false)), "sequences 0 and 1 lie in store 0");
    assertArrayEquals(fields(2, 0, 3, 100, 7, 300, 1), item(plan, new Pass(true, 1, false), 1));
  }

  @Test
  void longKeysAreCutAndStoresEndSegments() {
    DevicePrefix root = prefix(null, 1200);
    DevicePrefix child = prefix(root, 10);
    PrefixPool pool = new PrefixPool(1000, 1);
    pool.add(root, 2);
    pool.add(child, 1);
    List<PrefixPool.Segment> cut =
        List.of(
            new PrefixPool.Segment(0, 0, 608, 0, 0),
            new PrefixPool.Segment(0, 608, 392, 608, 1),
            new PrefixPool.Segment(1, 0, 200, 1000, 2));
    PrefixPool.Node node = pool.node(root);
    assertEquals(cut, node == null ? null : node.segments(0));
    FixedView view = new FixedView(90);
    view.prefixes[0] = child;
    StepPlan plan = plan(pool, 3, view, 1);
    assertEquals(7, plan.slotCounts().get(0), "three segments, the child, three parts");
    Pass suffix = new Pass(true, 0, false);
    assertArrayEquals(fields(2, 0, 0, 60, 30, 1270, 6), item(plan, suffix, 2));
    assertArrayEquals(fields(2, 0, 1, 200, 10, 1200, 3), item(plan, new Pass(false, 1, false), 0));
  }

  /** Two tiles of 128 rows, cut at different places; what takes longest is started first. */
  @Test
  void tilesAreCutAtPlacesOfTheirOwn() {
    AttentionShape shape = AttentionShape.of(4, 2, 64);
    Layout layout = Layout.of(shape, SHARING.withStorage(DataType.BF16), Kernels.SEPARATE, true);
    DevicePrefix root = prefix(null, 1000);
    DevicePrefix child = prefix(root, 600);
    PrefixPool pool = new PrefixPool(2000, 32);
    pool.add(root, Cut.ofTiles(List.of(new int[] {640, 1000}, new int[] {320, 1000})));
    pool.add(child, Cut.every(600, 600));
    FixedView view = new FixedView(new int[100]);
    Arrays.fill(view.prefixes, child);
    int[] one = new int[100];
    Arrays.fill(one, 1);
    StepPlan plan = planner(layout, pool, 1).plan(view, one, 0, 100);
    Pass tiles = new Pass(false, 0, true);
    assertEquals(6, plan.items(tiles));
    int first = item(plan, tiles, 0)[WorkItem.ENTRIES];
    assertArrayEquals(fields(72, 128, first, 320, 680, 320, 1), item(plan, tiles, 0));
    assertArrayEquals(fields(128, 0, first, 0, 640, 0, 0), item(plan, tiles, 1));
    int below = item(plan, tiles, 2)[WorkItem.ENTRIES];
    assertArrayEquals(fields(128, 0, below, 1024, 600, 1000, 2), item(plan, tiles, 2));
    assertArrayEquals(fields(72, 128, below, 1024, 600, 1000, 2), item(plan, tiles, 3));
    assertArrayEquals(fields(128, 0, first, 640, 360, 640, 1), item(plan, tiles, 4));
    assertArrayEquals(fields(72, 128, first, 0, 320, 0, 0), item(plan, tiles, 5));
  }

  /** The matrix pass takes its first tile for granted: it gets one key, and hides it. */
  @Test
  void aSegmentThatAWindowHidesHasAKey() {
    AttentionShape shape = AttentionShape.of(4, 2, 64);
    EngineOptions options = SHARING.withStorage(DataType.BF16).withWindow(100);
    Layout layout = Layout.of(shape, options, Kernels.SEPARATE, true);
    DevicePrefix root = prefix(null, 1000);
    PrefixPool pool = new PrefixPool(2000, 32);
    pool.add(root, Cut.every(512, 1000));
    FixedView view = new FixedView(1, 1);
    Arrays.fill(view.prefixes, root);
    StepPlan plan = planner(layout, pool, 1).plan(view, new int[] {1, 1}, 0, 2);
    Pass tiles = new Pass(false, 0, true);
    int entries = item(plan, tiles, 0)[WorkItem.ENTRIES];
    assertArrayEquals(fields(4, 0, entries, 896, 104, 896, 1), item(plan, tiles, 0));
    assertArrayEquals(fields(4, 0, entries, 0, 1, 0, 0), item(plan, tiles, 1));
  }

  /**
   * The tuned kernel for groups merges where a suffix is one part, others leave it to the merge.
   */
  @ParameterizedTest
  @CsvSource({"4, 2, 1, true", "4, 2, 2, false", "2, 2, 1, false"})
  void thePassOverASuffixInOnePartMerges(int queryHeads, int kvHeads, int parts, boolean last) {
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, 128);
    Layout layout = Layout.of(shape, SHARING.withStorage(DataType.BF16), Kernels.SEPARATE, true);
    StepPlanner planner = planner(layout, new PrefixPool(1000, 1), parts);
    StepPlan plan = planner.plan(new FixedView(90), new int[] {1}, 0, 1);
    Ints work = plan.work().getOrDefault(new Pass(true, 0, false), new Ints());
    assertEquals(last ? 1 : 0, work.get(WorkItem.LAST));
  }

  /**
   * Large groups are read whole where TornadoVM compiles the products, else four rows at a time.
   */
  @ParameterizedTest
  @CsvSource({
    "BF16, 2, true, 2",
    "BF16, 4, true, 4",
    "BF16, 5, true, 8",
    "BF16, 8, false, 4",
    "F16, 8, false, 8",
    "BF16, 12, true, 16",
    "F16, 32, true, 16"
  })
  void rowsOfATunedPassOverSuffixes(DataType storage, int group, boolean bf16Products, int rows) {
    AttentionShape shape = AttentionShape.of(group, 1, 128);
    EngineOptions options = EngineOptions.defaults().withStorage(storage);
    PassShape passes = PassShape.of(Layout.of(shape, options, Kernels.JOINT, bf16Products));
    assertEquals(rows, passes.streamRows());
    assertEquals(Math.max(32, 4 * rows), passes.streamThreads());
  }

  @Test
  void aPrefixThatIsNotSharedIsStreamedForEachOfItsSequences() {
    engine = engine(EngineOptions.defaults().withSharing(Sharing.NEVER));
    DevicePrefix root = prefix(null, 300);
    PrefixPool pool = new PrefixPool(1000, 1);
    pool.add(root, 1);
    FixedView view = new FixedView(new int[18]);
    Arrays.fill(view.prefixes, root);
    int[] one = new int[18];
    Arrays.fill(one, 1);
    StepPlan plan = plan(pool, 1, view, one);
    Pass stream = new Pass(false, 0, false);
    assertEquals(18, plan.items(stream));
    assertArrayEquals(fields(2, 0, 18 + 5, 0, 300, 0, 0), item(plan, stream, 5));
  }

  @Test
  void keysThatNobodySeesAreNotRead() {
    engine = engine(SHARING.withWindow(15));
    DevicePrefix root = prefix(null, 100);
    PrefixPool pool = new PrefixPool(1000, 1);
    pool.add(root, 1);
    FixedView view = new FixedView(10, 50);
    Arrays.fill(view.prefixes, root);
    StepPlan plan = plan(pool, 1, view, 2, 1);
    // Positions 108 and 109 see from 93 on; 149 sees from 134 on, 34 into its suffix.
    assertArrayEquals(fields(2, 0, 3, 93, 7, 93, 0), item(plan, new Pass(false, 0, false), 0));
    assertArrayEquals(fields(2, 0, 2, 134, 16, 134, 1), item(plan, new Pass(true, 0, false), 2));
  }

  @Test
  void aDecodeStepIsBroughtUpToDateInPlace() {
    DevicePrefix root = prefix(null, 300);
    PrefixPool pool = new PrefixPool(1000, 1);
    pool.add(root, 1);
    FixedView view = new FixedView(1, 40, 100);
    view.prefixes[0] = root;
    view.prefixes[2] = root;
    int[] one = {1, 1, 1};
    StepPlan before = plan(pool, 3, view, one);
    Map<Pass, Integer> items = new HashMap<>();
    before.work().keySet().forEach(pass -> items.put(pass, before.items(pass)));
    StepSize size = new StepSize(4, 4, false, before.entries(), items, 1.0);
    try (Arena arena = Arena.ofConfined()) {
      StepArray updated = new StepArray(arena, size, 2, 0);
      updated.write(before);
      DecodeStep step = planner(pool, 3).decodeStep(updated, before);
      System.arraycopy(new int[] {2, 100, 7}, 0, view.lengths, 0, 3);
      Objects.requireNonNull(step).update(view);
      new SuffixShape(100, 200, 3).writeTargets(updated, view);
      StepArray fresh = new StepArray(arena, size, 2, 0);
      StepPlan after = plan(pool, 3, view, one);
      fresh.write(after);
      fresh.set(fresh.firstTarget(true, 0), 1);
      fresh.set(fresh.firstTarget(true, 0) + 1, 199);
      fresh.set(fresh.firstTarget(true, 1) + 2, 6);
      int[] rows = after.suffixes().stream().mapToInt(s -> s.entry() * RowList.INTS).toArray();
      for (int i = 0; i < fresh.array().getSize(); i++) {
        int at = i;
        boolean ofPrefix =
            i < fresh.firstCount()
                && Arrays.stream(rows).noneMatch(r -> r <= at && at < r + RowList.INTS);
        if (!ofPrefix) {
          assertEquals(fresh.array().get(i), updated.array().get(i), "int " + i);
        }
      }
    }
  }
}
