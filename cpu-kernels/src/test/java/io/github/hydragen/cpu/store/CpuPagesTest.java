package io.github.hydragen.cpu.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.memory.MemoryAccount;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When pages are taken and given back, and what is counted. */
class CpuPagesTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 24);
  private static final int PAGE = 32;
  private static final EngineOptions OPTIONS =
      EngineOptions.defaults().withBackend("cpu").withPageTokens(PAGE);

  /** More than any batch here needs in one slab: one slab is all that is ever kept. */
  private static final long SLAB_BYTES = 8L << 20;

  private static Tensor kv(int tokens) {
    float[] values = new float[tokens * SHAPE.kvRow()];
    SplittableRandom random = new SplittableRandom(tokens);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return Tensor.of(values, tokens, SHAPE.kvHeads(), SHAPE.headDim());
  }

  private static void append(SequenceBatch batch, int... counts) {
    int tokens = 0;
    for (int count : counts) {
      tokens += count;
    }
    batch.append(kv(tokens), kv(tokens), counts);
  }

  private static void assertPages(long pages, AttentionEngine engine) {
    long page = 2L * PAGE * SHAPE.kvRow() * engine.options().storage().bytes();
    assertEquals(pages * page, engine.memory().kvBytes());
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void pagesComeWithTokensAndGoWithThem(DataType storage) {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, OPTIONS.withStorage(storage))) {
      SequenceBatch batch = engine.batch(3, 1 << 30);
      assertPages(0, engine);
      append(batch, PAGE, PAGE + 1, 0);
      assertPages(3, engine);
      append(batch, 1, PAGE - 1, 0);
      assertPages(4, engine);
      batch.truncate(0, PAGE);
      assertPages(3, engine);
      batch.truncate(1, PAGE + 1);
      assertPages(3, engine);
      batch.clear(1);
      assertPages(1, engine);
      Prefix promoted = batch.promote(0);
      assertPages(1, engine);
      batch.attach(0, null);
      promoted.close();
      assertPages(0, engine);
    }
  }

  @Test
  void allMemoryReturnsWithTheBatch() {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, OPTIONS)) {
      MemoryUsage before = engine.memory();
      SequenceBatch batch = engine.batch(2, 1000);
      assertEquals(before, engine.memory(), "nothing is reserved");
      append(batch, 1000, 3);
      assertTrue(engine.memory().allocatedBytes() > before.allocatedBytes());
      batch.close();
      assertEquals(before.kvBytes(), engine.memory().kvBytes());
      assertEquals(before.allocatedBytes(), engine.memory().allocatedBytes());
    }
  }

  /** Two sequences of several slabs each: when both have left, one slab stays. */
  @Test
  void slabsThatAreWhollyFreeAreFreedButForOne() {
    AttentionShape shape = AttentionShape.of(8, 8, 256);
    int slabTokens = (int) (SLAB_BYTES / (2L * shape.kvRow() * Float.BYTES));
    try (AttentionEngine engine = AttentionEngine.open(shape, OPTIONS)) {
      long before = engine.memory().allocatedBytes();
      SequenceBatch batch = engine.batch(2, 4 * slabTokens);
      Tensor slabs = Tensor.of(new float[3 * slabTokens * shape.kvRow()], 3L * slabTokens, 8, 256);
      batch.append(slabs, slabs, new int[] {3 * slabTokens, 0});
      assertEquals(before + 3 * SLAB_BYTES, engine.memory().allocatedBytes());
      batch.append(slabs, slabs, new int[] {0, 3 * slabTokens});
      assertEquals(before + 6 * SLAB_BYTES, engine.memory().allocatedBytes());
      batch.clear(0);
      assertEquals(before + 4 * SLAB_BYTES, engine.memory().allocatedBytes());
      batch.clear(1);
      assertEquals(before + SLAB_BYTES, engine.memory().allocatedBytes());
      assertEquals(0, engine.memory().kvBytes());
      batch.append(slabs, slabs, new int[] {3 * slabTokens, 0});
      assertEquals(before + 3 * SLAB_BYTES, engine.memory().allocatedBytes(), "it is used again");
      batch.close();
      assertEquals(before, engine.memory().allocatedBytes());
    }
  }

  /** A sequence that comes when another of the same length goes takes its pages. */
  @Test
  void pagesAreUsedAgain() {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, OPTIONS)) {
      SequenceBatch batch = engine.batch(4, 500);
      append(batch, 100, 200, 300, 400);
      MemoryUsage full = engine.memory();
      for (int round = 0; round < 50; round++) {
        int sequence = round % 4;
        int[] counts = new int[4];
        counts[sequence] = 100 * (sequence + 1);
        batch.clear(sequence);
        append(batch, counts);
        assertEquals(full, engine.memory());
      }
    }
  }

  /** A page of 2 TiB: no machine has it. */
  @Test
  void exhaustedMemoryChangesNothing() {
    AttentionShape shape = AttentionShape.of(1024, 1024, 256);
    EngineOptions options = OPTIONS.withPageTokens(1 << 20).withThreads(1);
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      SequenceBatch batch = engine.batch(2, 5);
      MemoryUsage before = engine.memory();
      Tensor token = Tensor.of(new float[2 * shape.kvRow()], 2, 1024, 256);
      InsufficientMemoryException e =
          assertThrows(InsufficientMemoryException.class, () -> batch.append(token, token));
      assertTrue(
          String.valueOf(e.getMessage())
              .startsWith("an append that takes 2 pages of 1048576 tokens needs 4096.00 GiB"),
          e.getMessage());
      assertEquals(before, engine.memory());
      assertEquals(0, batch.length(0));
      assertEquals(0, batch.length(1));
    }
  }

  @Test
  void aPoolThatCannotGrowStillGivesWhatItHas() {
    KvLayout layout = new KvLayout(SHAPE, DataType.F32);
    MemoryAccount account = new MemoryAccount();
    try (PagePool pool = new PagePool(layout, account, PAGE, 4)) {
      pool.reserve(3);
      PagePool.Page first = pool.take();
      MemoryUsage before = account.usage();
      assertThrows(InsufficientMemoryException.class, () -> pool.reserve(1L << 50));
      assertEquals(before, account.usage());
      PagePool.Page second = pool.take();
      assertEquals(first.store(), second.store());
      pool.give(second);
      pool.give(first);
    }
    assertEquals(0, account.usage().allocatedBytes());
    assertEquals(0, account.usage().kvBytes());
  }

  /** Large enough that workers are asked for. */
  @Test
  void anAppendThatFailsKeepsNoPages() {
    EngineOptions options =
        OPTIONS
            .withThreads(2)
            .withExecutor(
                task -> {
                  throw new RejectedExecutionException("no");
                });
    int tokens = (1 << 15) / SHAPE.kvRow() + 1;
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(2, tokens);
      append(batch, 5, 0);
      assertThrows(RejectedExecutionException.class, () -> append(batch, PAGE, tokens));
      assertPages(1, engine);
      assertEquals(5, batch.length(0));
      assertEquals(0, batch.length(1));
    }
  }

  /** Where pages end must not show: the same tokens, reserved and in pages. */
  @Test
  void resultsAreThoseOfReservedStorage() {
    for (int length : new int[] {1, PAGE - 1, PAGE, PAGE + 1, 5 * PAGE, 5 * PAGE + 7}) {
      float[] reserved = attend(OPTIONS.withPageTokens(0), length);
      assertArrayEquals(reserved, attend(OPTIONS, length), 1e-5f, length + " tokens");
    }
  }

  private static float[] attend(EngineOptions options, int length) {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options.withWindow(2 * PAGE + 3))) {
      SequenceBatch batch = engine.batch(2, length + 2);
      append(batch, length, 2);
      append(batch, 1, length);
      float[] q = new float[2 * SHAPE.queryRow()];
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < q.length; i++) {
        q[i] = (float) random.nextGaussian();
      }
      float[] out = new float[q.length];
      batch.attend(q, out, null);
      return out;
    }
  }
}
