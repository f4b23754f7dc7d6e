package io.github.hydragen.cpu.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.sharing.SharingRates.Widths;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharingModelTest {
  private static final int WORKERS = 2;
  private static final int TILE = 64;
  private static final int SUFFIX = 16;

  /** A suffix of which four do not stay in caches. */
  private static final int LONG = 400;

  private static final EngineOptions DEFAULTS = EngineOptions.defaults();
  private static final AttentionShape EIGHT_HEADS = AttentionShape.of(8, 8, 128);

  private final List<CpuPrefix> prefixes = new ArrayList<>();

  @AfterEach
  void close() {
    prefixes.forEach(CpuPrefix::close);
  }

  /** A prefix of a length that its memory does not have: plans do not look at it. */
  private CpuPrefix prefix(@Nullable CpuPrefix parent, int tokens) {
    KvLayout layout = new KvLayout(AttentionShape.of(1, 1, 16), DataType.F32);
    CpuPrefix prefix =
        new CpuPrefix(parent, new KvStore(layout, new MemoryAccount(), 1, 1), tokens);
    prefixes.add(prefix);
    return prefix;
  }

  private static SharingRates rates(double barrier) {
    return new SharingRates(
        new Widths(8, 12, 12),
        new Widths(45, 73, 132),
        new Widths(0.04, 0.04, 0.04),
        10,
        0.6,
        85,
        90,
        52,
        barrier);
  }

  /** With which 16 sequences do not share what stays in a cache. */
  private static final SharingRates NEAR =
      new SharingRates(
          new Widths(4, 5, 8),
          new Widths(45, 73, 132),
          new Widths(0.04, 0.04, 0.04),
          7,
          0.3,
          85,
          150,
          52,
          180);

  private record View(List<CpuPrefix> leaves, int length) implements BatchView {
    @Override
    public int sequences() {
      return leaves.size();
    }

    @Override
    public int length(int sequence) {
      return length;
    }

    @Override
    public BackendPrefix prefix(int sequence) {
      return leaves.get(sequence);
    }

    @Override
    public long attachments() {
      return 1;
    }
  }

  private static List<SharedPass> decide(
      AttentionShape shape,
      EngineOptions options,
      SharingRates rates,
      int newTokens,
      List<CpuPrefix> leaves) {
    return decide(shape, options, rates, newTokens, leaves, SUFFIX);
  }

  private static List<SharedPass> decide(
      AttentionShape shape,
      EngineOptions options,
      SharingRates rates,
      int newTokens,
      List<CpuPrefix> leaves,
      int suffix) {
    int rows = 4 * TILE;
    KvLayout layout = new KvLayout(shape, options.storage());
    SharingModel model = new SharingModel(options, layout, WORKERS, rows, TILE, rates);
    StepPlan plan = new StepPlan(shape, model, WORKERS, rows, leaves.size());
    int[] counts = new int[leaves.size()];
    Arrays.fill(counts, newTokens);
    plan.prepare(new View(leaves, suffix), counts);
    return List.of(plan.passes);
  }

  private boolean shares(AttentionShape shape, EngineOptions options, int batch, int tokens) {
    List<CpuPrefix> leaves = new ArrayList<>();
    CpuPrefix prefix = prefix(null, tokens);
    for (int s = 0; s < batch; s++) {
      leaves.add(prefix);
    }
    return decide(shape, options, rates(1000), 1, leaves).getFirst().shared;
  }

  @Test
  void oneSequenceDoesNotShareWithItself() {
    for (int tokens = 16; tokens <= 16_384; tokens *= 4) {
      assertFalse(shares(EIGHT_HEADS, DEFAULTS, 1, tokens), tokens + " tokens");
    }
  }

  @Test
  void longPrefixesAreSharedAndShortOnesAreNot() {
    for (int batch = 4; batch <= 512; batch *= 2) {
      assertFalse(shares(EIGHT_HEADS, DEFAULTS, batch, 8), "batch " + batch);
      assertTrue(shares(EIGHT_HEADS, DEFAULTS, batch, 1024), "batch " + batch);
    }
  }

  @Test
  void onceSharedLongerIsSharedToo() {
    for (int batch = 2; batch <= 512; batch *= 2) {
      boolean before = false;
      for (int tokens = 16; tokens <= 16_384; tokens *= 2) {
        boolean now = shares(EIGHT_HEADS, DEFAULTS, batch, tokens);
        assertTrue(now || !before, "batch " + batch + ", " + tokens + " tokens");
        before = now;
      }
      assertTrue(before);
    }
  }

  @Test
  void oneSequenceOfOneHeadSharesBecauseOnlySharedPassesAreCut() {
    assertTrue(shares(AttentionShape.of(8, 1, 128), DEFAULTS, 1, 4096));
  }

  @Test
  void whatNoWindowReachesIsNotShared() {
    assertTrue(shares(EIGHT_HEADS, DEFAULTS.withWindow(100_000), 64, 4096));
    assertFalse(shares(EIGHT_HEADS, DEFAULTS.withWindow(SUFFIX + 32), 64, 4096));
  }

  @Test
  void severalNewTokensAreRowsOfOnePass() {
    CpuPrefix prefix = prefix(null, 1024);
    List<SharedPass> one = decide(EIGHT_HEADS, DEFAULTS, rates(1000), 64, List.of(prefix));
    assertEquals(64, one.getFirst().count);
    assertTrue(
        one.getFirst().separateMicros < 1.5 * one.getFirst().sharedMicros,
        "64 tokens of one sequence are a matrix product in either way");
  }

  @Test
  void whatIsPaidOnceIsSharedByAllPrefixes() {
    SharingRates dear = rates(1e6);
    CpuPrefix child = prefix(null, 256);
    List<CpuPrefix> alone = List.of(child, child, child, child);
    assertFalse(decide(EIGHT_HEADS, DEFAULTS, dear, 1, alone, LONG).getFirst().shared);
    assertTrue(
        decide(EIGHT_HEADS, DEFAULTS, dear, 1, alone).getFirst().shared,
        "rows whose suffixes stay in caches are merged at once");

    CpuPrefix root = prefix(null, 1 << 20);
    CpuPrefix below = prefix(root, 256);
    List<SharedPass> both =
        decide(EIGHT_HEADS, DEFAULTS, dear, 1, List.of(root, below, below, below, below), LONG);
    assertEquals(2, both.size());
    assertTrue(both.get(0).shared && both.get(1).shared);
  }

  /**
   * Each of 16 prefixes would stay in a cache; all of them, which a sequence reads before the next
   * one reads the first again, do not. Such steps took three times as long.
   */
  @Test
  void whatIsReadTogetherDoesNotStayInACache() {
    CpuPrefix alone = prefix(null, 512);
    AttentionShape shape = AttentionShape.of(32, 8, 128);
    List<CpuPrefix> leaves = Collections.nCopies(16, alone);
    SharedPass one = decide(shape, DEFAULTS, NEAR, 1, leaves).getFirst();
    assertFalse(one.shared);

    List<CpuPrefix> ends = new ArrayList<>();
    CpuPrefix last = null;
    for (int i = 0; i < 16; i++) {
      last = prefix(last, 512);
      ends.add(last);
    }
    List<SharedPass> chain = decide(shape, DEFAULTS, NEAR, 1, ends);
    assertEquals(16, chain.size(), "each prefix is seen by one sequence fewer");
    assertTrue(chain.getFirst().shared);
    assertEquals(16 * 512, chain.getFirst().readTogether);
    assertTrue(chain.getFirst().separateMicros > 1.5 * one.separateMicros);
    assertFalse(chain.getLast().shared, "one sequence gains nothing");
  }

  @Test
  void sharesWhereTheEstimatesDifferEnough() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 300; i++) {
      List<CpuPrefix> tree = new ArrayList<>();
      for (int n = 0; n < 1 + random.nextInt(6); n++) {
        CpuPrefix parent = n == 0 ? null : tree.get(random.nextInt(n));
        tree.add(prefix(parent, 1 + random.nextInt(2000)));
      }
      List<CpuPrefix> leaves = new ArrayList<>();
      for (int s = 0; s < 1 + random.nextInt(40); s++) {
        leaves.add(tree.get(random.nextInt(tree.size())));
      }
      AttentionShape shape = AttentionShape.of(8, 1 << random.nextInt(4), 64);
      for (SharedPass pass : decide(shape, DEFAULTS, rates(1000), 1 + random.nextInt(3), leaves)) {
        double least = pass.count * shape.groupSize() > StreamKernel.MAX_ROWS ? 0.03 : 0;
        assertEquals(pass.sharedMicros < (1 - least) * pass.separateMicros, pass.shared);
        assertTrue(pass.sharedMicros > 0 && pass.separateMicros > 0);
      }
    }
  }
}
