package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Backends;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.lang.foreign.Arena;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Accounting of memory, refusals before allocation, and use after close. */
abstract class MemoryCases {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 24);
  private final AttentionBackendContract contract;

  MemoryCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  private AttentionEngine open(EngineOptions options) {
    contract.assume(SHAPE);
    contract.assume(new Scenario("", SHAPE).options(options).features());
    return AttentionEngine.open(SHAPE, contract.with(options));
  }

  private static float[] kv(int tokens) {
    return new float[tokens * SHAPE.kvRow()];
  }

  private static Tensor tokens(int count) {
    return Tensor.of(kv(count), count, SHAPE.kvHeads(), SHAPE.headDim());
  }

  private static void step(SequenceBatch batch) {
    batch.append(kv(batch.size()), kv(batch.size()));
    attend(batch);
  }

  private static void attend(SequenceBatch batch) {
    float[] q = new float[batch.size() * SHAPE.queryRow()];
    batch.attend(q, new float[q.length], new float[batch.size() * SHAPE.queryHeads()]);
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void keysAndValuesAreCountedExactly(DataType storage) {
    try (AttentionEngine engine = open(EngineOptions.defaults().withStorage(storage))) {
      long token = 2L * SHAPE.kvRow() * storage.bytes();
      assertEquals(0, engine.memory().kvBytes());
      Prefix root = engine.prefix(kv(100), kv(100));
      assertEquals(100 * token, engine.memory().kvBytes());
      Prefix empty = engine.prefix(kv(0), kv(0));
      assertEquals(100 * token, engine.memory().kvBytes());
      SequenceBatch batch = engine.batch(3, 40);
      assertEquals((100 + contract.storedTokens(batch)) * token, engine.memory().kvBytes());
      batch.attachAll(root);
      step(batch);
      long stored = (100 + contract.storedTokens(batch)) * token;
      MemoryUsage usage = engine.memory();
      assertEquals(stored, usage.kvBytes(), "after a step");
      assertTrue(usage.allocatedBytes() >= usage.kvBytes(), usage.toString());
      assertTrue(usage.peakBytes() >= usage.allocatedBytes(), usage.toString());
      batch.close();
      assertEquals(100 * token, engine.memory().kvBytes());
      root.close();
      empty.close();
      assertEquals(0, engine.memory().kvBytes());
      assertTrue(engine.memory().peakBytes() >= stored);
    }
  }

  @Test
  void repeatedUseDoesNotGrow() {
    try (AttentionEngine engine = open(EngineOptions.defaults())) {
      long after = -1;
      for (int round = 0; round < 30; round++) {
        Prefix prefix = engine.prefix(kv(200), kv(200));
        SequenceBatch batch = engine.batch(4, 3);
        batch.attachAll(prefix);
        step(batch);
        step(batch);
        batch.close();
        prefix.close();
        long left = engine.memory().allocatedBytes();
        if (round > 0) {
          assertEquals(after, left, "bytes left after round " + round);
        }
        after = left;
      }
    }
  }

  @Test
  void moreThanTheMachineHasIsRefusedAndNothingChanges() {
    assumeTrue(
        contract.with(EngineOptions.defaults()).pageTokens() == 0,
        "with pages, a batch reserves nothing");
    try (AttentionEngine engine = open(EngineOptions.defaults())) {
      MemoryUsage before = engine.memory();
      InsufficientMemoryException refused =
          assertThrows(
              InsufficientMemoryException.class,
              () -> engine.batch(1 << 16, Integer.MAX_VALUE / 4));
      assertTrue(refused.neededBytes() > refused.availableBytes(), refused.getMessage());
      assertThrows(
          InsufficientMemoryException.class, () -> engine.batch(1 << 24, Integer.MAX_VALUE - 64));
      assertEquals(before, engine.memory());
      step(engine.batch(1, 1));
    }
  }

  @Test
  void aNarrowerTypeIsAdvisedOnlyWhereThereIsOne() {
    assumeTrue(
        contract.with(EngineOptions.defaults()).pageTokens() == 0,
        "with pages, a batch reserves nothing");
    String advice = "store it as F16";
    assertTrue(refusal(DataType.F32).contains(advice), refusal(DataType.F32));
    assertFalse(refusal(DataType.F16).contains(advice), refusal(DataType.F16));
  }

  private String refusal(DataType storage) {
    try (AttentionEngine engine = open(EngineOptions.defaults().withStorage(storage))) {
      return String.valueOf(
          assertThrows(
                  InsufficientMemoryException.class,
                  () -> engine.batch(1 << 16, Integer.MAX_VALUE / 4))
              .getMessage());
    }
  }

  /** Memory that another thread frees, which no check before the call can foresee. */
  @Test
  void aPrefixWhoseTokensCannotBeReadIsFreed() {
    contract.assume(SHAPE);
    EngineOptions options = contract.with(EngineOptions.defaults());
    String[] name = String.valueOf(options.backend()).split(":", 2);
    AttentionBackendProvider provider =
        Backends.providers().stream().filter(p -> p.name().equals(name[0])).findFirst().get();
    try (AttentionBackend backend = provider.open(SHAPE, options, name.length > 1 ? name[1] : "")) {
      MemoryUsage before = backend.memory();
      Arena arena = Arena.ofShared();
      Tensor freed = Tensor.allocate(arena, DataType.F32, 9, SHAPE.kvHeads(), SHAPE.headDim());
      arena.close();
      assertThrows(IllegalStateException.class, () -> backend.createPrefix(null, freed, freed));
      assertEquals(before.kvBytes(), backend.memory().kvBytes());
      assertEquals(before.allocatedBytes(), backend.memory().allocatedBytes());
    }
  }

  @Test
  void useAfterCloseIsAClearError() {
    AttentionEngine engine = open(EngineOptions.defaults());
    Prefix prefix = engine.prefix(kv(4), kv(4));
    SequenceBatch batch = engine.batch(2, 4);
    SequenceBatch other = engine.batch(2, 4);
    batch.attachAll(prefix);
    batch.close();
    batch.close();
    assertClosed("batch", () -> step(batch));
    assertClosed("batch", () -> attend(batch));
    assertClosed("batch", () -> batch.attach(0, prefix));
    assertClosed("batch", () -> batch.attachAll(prefix));
    assertClosed("batch", () -> batch.clear(0));
    assertClosed("batch", () -> batch.truncate(0, 0));
    assertClosed("batch", () -> batch.promote(0));
    assertClosed("batch", batch::plan);
    assertEquals(0, prefix.sequences());
    prefix.close();
    prefix.close();
    assertClosed("prefix", () -> other.attach(0, prefix));
    assertClosed("prefix", () -> other.attachAll(prefix));
    assertClosed("prefix", () -> engine.prefix(prefix, tokens(4), tokens(4)));
    engine.close();
    engine.close();
    other.close();
    assertClosed("engine", () -> engine.prefix(kv(4), kv(4)));
    assertClosed("engine", () -> engine.batch(1, 1));
    assertClosed("engine", engine::memory);
    assertClosed("engine", () -> step(other));
    assertClosed("engine", () -> attend(other));
    assertClosed("engine", () -> other.attachAll(null));
    assertClosed("engine", () -> other.clear(0));
    assertClosed("engine", () -> other.truncate(0, 0));
    assertClosed("engine", () -> other.promote(0));
    assertClosed("engine", other::plan);
    assertClosed("engine", () -> other.length(0));
    assertClosed("engine", () -> other.prefix(0));
  }

  private static void assertClosed(String what, Runnable use) {
    IllegalStateException e = assertThrows(IllegalStateException.class, use::run);
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    assertTrue(message.contains(what) && message.contains("closed"), message);
    assertFalse(message.contains("\n"), message);
  }

  @Test
  void closingTheEngineClosesWhatIsLeft() {
    AttentionEngine engine = open(EngineOptions.defaults());
    Prefix root = engine.prefix(kv(4), kv(4));
    SequenceBatch batch = engine.batch(2, 4);
    batch.attachAll(root);
    step(batch);
    engine.close();
    batch.close();
    root.close();
    assertThrows(IllegalStateException.class, () -> step(batch));
  }
}
