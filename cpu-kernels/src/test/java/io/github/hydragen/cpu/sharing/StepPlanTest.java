package io.github.hydragen.cpu.sharing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a step's work is cut into items. */
class StepPlanTest {
  private static final int WORKERS = 2;
  private static final int TILE = 64;

  private final KvLayout layout = new KvLayout(AttentionShape.of(1, 1, 16), DataType.F32);
  private final List<CpuPrefix> prefixes = new ArrayList<>();

  @AfterEach
  void close() {
    prefixes.forEach(CpuPrefix::close);
  }

  private record View(List<@Nullable CpuPrefix> leaves, List<Integer> lengths)
      implements BatchView {
    @Override
    public int sequences() {
      return lengths.size();
    }

    @Override
    public int length(int sequence) {
      return lengths.get(sequence);
    }

    @Override
    public @Nullable BackendPrefix prefix(int sequence) {
      return leaves.get(sequence);
    }

    @Override
    public long attachments() {
      return 1;
    }
  }

  private CpuPrefix prefix(int tokens) {
    return prefix(null, tokens);
  }

  private CpuPrefix prefix(@Nullable CpuPrefix parent, int tokens) {
    CpuPrefix prefix =
        new CpuPrefix(parent, new KvStore(layout, new MemoryAccount(), 1, 1), tokens);
    prefixes.add(prefix);
    return prefix;
  }

  private StepPlan plan(EngineOptions options, View view, int[] counts) {
    AttentionShape shape = layout.shape;
    SharingRates rates = SharingRates.defaults(DataType.F32, Simd.best());
    SharingModel model = new SharingModel(options, layout, WORKERS, 4 * TILE, TILE, rates);
    StepPlan plan = new StepPlan(shape, model, WORKERS, 4 * TILE, view.sequences());
    plan.prepare(view, counts);
    return plan;
  }

  private StepPlan plan(EngineOptions options, int[] lengths, int[] counts) {
    List<@Nullable CpuPrefix> none = new ArrayList<>(Arrays.asList(new CpuPrefix[lengths.length]));
    return plan(options, new View(none, Arrays.stream(lengths).boxed().toList()), counts);
  }

  /** A prompt comes into one of a server's thousands of slots. */
  @Test
  void sequencesWithoutQueriesAreNoItems() {
    int[] lengths = new int[4096];
    int[] counts = new int[4096];
    lengths[7] = 1 << 20;
    lengths[13] = 600;
    counts[13] = 1;
    StepPlan plan = plan(EngineOptions.defaults(), lengths, counts);
    assertEquals(1, plan.activeCount);
    assertArrayEquals(new int[] {13}, Arrays.copyOf(plan.active, plan.activeCount));
    assertEquals(1, plan.ownSplits);
  }

  @Test
  void everyItemOfAHeadFindsItsPass() {
    List<@Nullable CpuPrefix> leaves = new ArrayList<>();
    for (int i = 0; i < 13; i++) {
      // Short ones are not shared: the first, the last, some between.
      CpuPrefix prefix = prefix(i % 3 == 0 ? 1 : 1000 + 700 * i);
      leaves.addAll(Collections.nCopies(8, prefix));
    }
    int[] counts = new int[leaves.size()];
    Arrays.fill(counts, 1);
    StepPlan plan =
        plan(
            EngineOptions.defaults(),
            new View(leaves, Collections.nCopies(counts.length, 0)),
            counts);
    int item = 0;
    int shared = 0;
    for (SharedPass pass : plan.passes) {
      shared += pass.shared ? 1 : 0;
      for (int i = 0; pass.shared && i < pass.chunks * pass.splits; i++) {
        assertSame(pass, plan.passOf(item++));
      }
    }
    assertEquals(plan.headItems, item);
    assertTrue(shared > 1 && shared < plan.passes.length, "shared: " + shared);
  }

  @Test
  void prefixesThatTheSameTokensSeeAreOnePass() {
    CpuPrefix root = prefix(null, 600);
    CpuPrefix empty = prefix(root, 0);
    CpuPrefix second = prefix(empty, 24);
    CpuPrefix third = prefix(second, 900);
    CpuPrefix fork = prefix(third, 50);
    List<@Nullable CpuPrefix> leaves = new ArrayList<>(Collections.nCopies(6, third));
    leaves.addAll(Collections.nCopies(40, fork));
    View view = new View(leaves, Collections.nCopies(46, 0));
    int[] counts = new int[46];
    Arrays.fill(counts, 1);
    EngineOptions options = EngineOptions.defaults().withSharing(Sharing.ALWAYS);
    StepPlan plan = plan(options, view, counts);
    assertEquals(2, plan.passes.length);
    SharedPass all = plan.passes[0];
    SharedPass some = plan.passes[1];
    assertArrayEquals(new CpuPrefix[] {root, second, third}, all.prefixes);
    assertEquals(1524, all.length);
    assertEquals(46, all.count);
    assertSame(all, some.above);
    assertSame(some, StepPlan.lowest(fork));
    assertSame(all, StepPlan.lowest(second));
    assertEquals(1524, some.start());
    assertEquals(all.slot + Math.max(all.splits, some.splits), some.slot, "levels of passes");
    assertEquals(some.slot + Math.max(all.splits, some.splits), plan.slots);

    // Where only those below the fork have queries, all is one.
    Arrays.fill(counts, 0, 6, 0);
    plan.prepare(view, counts);
    assertEquals(1, plan.passes.length);
    assertArrayEquals(new CpuPrefix[] {root, second, third, fork}, plan.passes[0].prefixes);
    plan.prepare(view, counts);
    assertSame(plan.passes[0], StepPlan.lowest(root), "found as they were");
  }

  /** Groups of 17 and more took up to three times as long as of 16; single tokens gain nothing. */
  @Test
  void groupsOfHeadsAreStreamedAndManyTokensAreNot() {
    assertTrue(StreamKernel.takesOwn(1, 17));
    assertTrue(StreamKernel.takesOwn(1, 32));
    assertFalse(StreamKernel.takesOwn(1, 33));
    assertTrue(StreamKernel.takesOwn(16, 1));
    assertFalse(StreamKernel.takesOwn(17, 1));
    assertFalse(StreamKernel.takesOwn(5, 4));
    for (long bytes : new long[] {0, 2 << 20, Long.MAX_VALUE}) {
      assertTrue(StreamKernel.takesOwn(1, 17, bytes));
      assertTrue(StreamKernel.takesOwn(1, 32, bytes));
      assertFalse(StreamKernel.takesOwn(1, 33, bytes));
      assertTrue(StreamKernel.takesOwn(16, 1, bytes));
      assertFalse(StreamKernel.takesOwn(17, 1, bytes));
    }
  }

  /** Tokens of groups are streamed as long as the next one finds what it reads in a cache. */
  @Test
  void severalTokensOfGroupsAreStreamedWhereTheyReadLittle() {
    int[][] most = {{2, 12}, {3, 8}, {4, 14}, {7, 8}, {8, 8}, {16, 4}, {32, 2}};
    for (int[] groupTokens : most) {
      int group = groupTokens[0];
      int tokens = groupTokens[1];
      assertTrue(StreamKernel.takesOwn(tokens, group, 2 << 20), "group " + group);
      assertFalse(StreamKernel.takesOwn(tokens + 1, group, 2 << 20), "group " + group);
      assertFalse(StreamKernel.takesOwn(tokens, group, (2 << 20) + 1), "group " + group);
    }
    assertFalse(StreamKernel.takesOwn(2, 33, 0));
  }

  /** One key/value head, and nearly all tokens are one sequence's: it is cut for all workers. */
  @Test
  void oneLongSequenceAmongShortOnesIsCut() {
    int[] lengths = new int[64];
    Arrays.fill(lengths, 64);
    lengths[10] = 32768;
    int[] counts = new int[64];
    Arrays.fill(counts, 1);
    StepPlan plan = plan(EngineOptions.defaults(), lengths, counts);
    assertEquals(4, plan.ownSplits);
    Arrays.fill(lengths, 32768);
    assertEquals(1, plan(EngineOptions.defaults(), lengths, counts).ownSplits);
  }

  /** What no window reaches is no part of any split. */
  @Test
  void splitsOfASuffixAreOfWhatTheWindowReaches() {
    int[] lengths = {65536 + 5};
    StepPlan plan = plan(EngineOptions.defaults().withWindow(2047), lengths, new int[] {1});
    assertEquals(4, plan.ownSplits);
    int from = lengths[0] - 2048;
    int[] starts = new int[plan.ownSplits + 1];
    for (int split = 0; split <= plan.ownSplits; split++) {
      starts[split] = plan.ownSplitStart(from, lengths[0], split);
    }
    assertArrayEquals(new int[] {63488, 64000, 64512, 65024, 65541}, starts);
  }
}
