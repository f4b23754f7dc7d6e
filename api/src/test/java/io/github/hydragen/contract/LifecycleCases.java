package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to a batch between steps, each step compared with the reference. */
abstract class LifecycleCases {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 24);
  private final AttentionBackendContract contract;

  LifecycleCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  private Twin twin(EngineOptions options, int sequences, int capacity) {
    contract.assume(SHAPE);
    contract.assume(new Scenario("", SHAPE).options(options).features());
    return new Twin(contract, SHAPE, options, sequences, capacity, 17);
  }

  private Twin twin(int sequences, int capacity) {
    return twin(EngineOptions.defaults(), sequences, capacity);
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void decodingManySteps(DataType storage) {
    for (Sharing sharing : contract.sharings()) {
      EngineOptions options = EngineOptions.defaults().withStorage(storage).withSharing(sharing);
      try (Twin twin = twin(options, 5, 150)) {
        int prefix = twin.prefix(-1, 70);
        for (int s = 0; s < 5; s++) {
          twin.attach(s, prefix);
        }
        twin.append(0, 3, 20, 1, 9);
        for (int step = 0; step < 130; step++) {
          twin.append(1, 1, 1, 1, 1);
          twin.attend(1, 1, 1, 1, 1);
        }
      }
    }
  }

  @Test
  void truncateAndAppendAgain() {
    try (Twin twin = twin(3, 50)) {
      twin.attach(1, twin.prefix(-1, 12));
      twin.append(50, 20, 33);
      for (int length : new int[] {33, 32, 31, 17, 16, 15, 8, 1, 0}) {
        twin.truncate(0, length);
        twin.truncate(2, length);
        twin.attend(1, 1, 1);
        twin.append(1, 0, 5);
        twin.attend(1, 1, 1);
      }
    }
  }

  @Test
  void joinLeaveAndMove() {
    contract.assume(EnumSet.of(Feature.LEVELS));
    try (Twin twin = twin(4, 30)) {
      int root = twin.prefix(-1, 30);
      int left = twin.prefix(root, 5);
      int right = twin.prefix(root, 40);
      twin.attend(1, 1, 1, 1);
      twin.attach(0, root);
      twin.attach(1, left);
      twin.append(3, 4, 5, 0);
      twin.attend(1, 1, 1, 1);
      twin.attach(2, right);
      twin.attach(3, right);
      twin.attend(1, 1, 1, 1);
      twin.clear(1);
      twin.attend(1, 1, 1, 1);
      twin.attach(1, right);
      twin.attach(0, left);
      twin.append(1, 2, 3, 4);
      twin.attend(1, 1, 1, 1);
      twin.attach(0, -1);
      twin.attend(1, 1, 1, 1);
    }
  }

  /** As of a chat: prefixes that the same sequences see, one behind the other; then some leave. */
  @ParameterizedTest(name = "window {0}")
  @ValueSource(ints = {-1, 40, 300})
  void aChainOfPrefixes(int window) {
    contract.assume(EnumSet.of(Feature.LEVELS, Feature.SEVERAL_TOKENS));
    for (Sharing sharing : contract.sharings()) {
      EngineOptions options = EngineOptions.defaults().withSharing(sharing);
      try (Twin twin = twin(window < 0 ? options : options.withWindow(window), 5, 20)) {
        int[] lengths = {40, 0, 1100, 16, 3, 200, 33, 0, 1};
        int[] chain = new int[lengths.length];
        for (int i = 0; i < chain.length; i++) {
          chain[i] = twin.prefix(i == 0 ? -1 : chain[i - 1], lengths[i]);
        }
        for (int s = 0; s < 5; s++) {
          twin.attach(s, chain[chain.length - 1]);
        }
        twin.attend(1, 1, 1, 1, 1);
        twin.append(1, 7, 0, 12, 3);
        twin.attend(1, 2, 1, 0, 3);
        twin.attach(3, chain[3]);
        twin.attach(4, chain[7]);
        twin.attend(1, 1, 1, 1, 1);
        twin.attach(1, -1);
        twin.attend(0, 1, 2, 1, 0);
        twin.attend(1, 0, 1, 0, 0);
      }
    }
  }

  @Test
  void promoteAndFork() {
    contract.assume(EnumSet.of(Feature.PROMOTE, Feature.LEVELS));
    try (Twin twin = twin(4, 40)) {
      int root = twin.prefix(-1, 9);
      twin.attach(0, root);
      twin.append(33, 2, 3, 0);
      twin.attend(1, 1, 1, 1);
      int fork = twin.promote(0);
      assertEquals(0, twin.mine().length(0));
      assertEquals(33, twin.minePrefix(fork).length());
      assertSame(twin.minePrefix(fork), twin.mine().prefix(0));
      assertSame(twin.minePrefix(root), twin.minePrefix(fork).parent());
      twin.attend(1, 1, 1, 1);
      twin.attach(1, fork);
      twin.attach(3, fork);
      twin.append(1, 1, 1, 7);
      twin.attend(1, 1, 1, 1);
      int again = twin.promote(3);
      twin.attach(2, again);
      twin.append(1, 1, 1, 1);
      twin.attend(1, 1, 1, 1);
      // The promoted copy does not change with the slot that it came from.
      twin.clear(0);
      twin.append(40, 0, 0, 0);
      twin.attend(1, 1, 1, 1);
      // An empty suffix, and one without a prefix.
      twin.clear(3);
      int empty = twin.promote(3);
      assertEquals(0, twin.minePrefix(empty).totalLength());
      assertNull(twin.minePrefix(empty).parent());
      twin.append(0, 0, 0, 2);
      twin.attend(1, 1, 1, 1);
    }
  }

  @Test
  void exhaustedCapacityChangesNothing() {
    try (Twin twin = twin(3, 10)) {
      twin.append(10, 9, 4);
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> twin.appendMine(0, 2, 1));
      assertTrue(String.valueOf(e.getMessage()).contains("capacity is 10"), e.getMessage());
      assertEquals(10, twin.mine().length(0));
      assertEquals(9, twin.mine().length(1));
      assertEquals(4, twin.mine().length(2));
      twin.attend(1, 1, 1);
      twin.append(0, 1, 6);
      twin.attend(1, 1, 1);
      assertThrows(IllegalStateException.class, () -> twin.appendMine(1, 0, 0));
      twin.attend(1, 1, 1);
    }
  }

  @Test
  void severalBatchesAndEnginesAtOnce() {
    try (Twin a = twin(2, 20);
        Twin b = twin(EngineOptions.defaults().withScale(0.1f), 3, 9)) {
      a.attach(0, a.prefix(-1, 40));
      b.attach(1, b.prefix(-1, 6));
      for (int step = 0; step < 9; step++) {
        a.append(1, 2);
        b.append(1, 0, 1);
        a.attend(1, 1);
        b.attend(1, 1, 1);
      }
    }
  }

  @Test
  void severalBatchesOfAnEngineShareItsPrefixes() {
    contract.assume(SHAPE);
    contract.assume(EnumSet.of(Feature.LEVELS));
    List<Answer> exact = takingTurns(EngineOptions.defaults().withBackend("reference"));
    for (Sharing sharing : contract.sharings()) {
      EngineOptions options = contract.with(EngineOptions.defaults()).withSharing(sharing);
      List<Answer> actual = takingTurns(options);
      for (int i = 0; i < exact.size(); i++) {
        new Agreement(contract.tolerance())
            .check("sharing " + sharing + ", call " + i, exact.get(i), actual.get(i));
      }
    }
  }

  /** Three batches, of which two are at the same prefixes, attend one after the other. */
  private static List<Answer> takingTurns(EngineOptions options) {
    SplittableRandom random = new SplittableRandom(23);
    List<Answer> answers = new ArrayList<>();
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      Prefix root = engine.prefix(keys(random, 60), keys(random, 60));
      Prefix leaf = engine.prefix(root, keys(random, 20), keys(random, 20));
      List<SequenceBatch> batches =
          List.of(engine.batch(6, 9), engine.batch(4, 9), engine.batch(3, 9));
      for (int s = 0; s < 4; s++) {
        batches.get(0).attach(s, leaf);
        batches.get(1).attach(s, s % 2 == 0 ? root : leaf);
      }
      for (int turn = 0; turn < 9; turn++) {
        SequenceBatch batch = batches.get(turn % 3);
        batch.append(keys(random, batch.size()), keys(random, batch.size()));
        Answer answer = Answer.unwritten(SHAPE, batch.size(), DataType.F32);
        Tensor queries =
            ScenarioData.normal(
                random,
                Arena.ofAuto(),
                DataType.F32,
                1,
                batch.size(),
                SHAPE.queryHeads(),
                SHAPE.headDim());
        batch.attend(queries, answer.out(), answer.lse());
        answers.add(answer);
      }
    }
    return answers;
  }

  private static Tensor keys(SplittableRandom random, int tokens) {
    return ScenarioData.normal(
        random, Arena.ofAuto(), DataType.F32, 1, tokens, SHAPE.kvHeads(), SHAPE.headDim());
  }

  /** One entry for each prefix with tokens that a sequence sees, ancestors first. */
  @ParameterizedTest
  @EnumSource
  void thePlanNamesEachPrefixThatIsSeen(Sharing sharing) {
    contract.assume(EnumSet.of(Feature.LEVELS));
    assumeTrue(contract.sharings().contains(sharing), () -> "does not run with " + sharing);
    try (Twin twin = twin(EngineOptions.defaults().withSharing(sharing), 5, 4)) {
      assertEquals(List.of(), twin.mine().plan().decisions());
      int root = twin.prefix(-1, 50);
      int leaf = twin.prefix(root, 30);
      twin.prefix(root, 7);
      for (int s = 0; s < 4; s++) {
        twin.attach(s, s == 0 ? root : leaf);
      }
      List<AttentionPlan.Decision> decisions = twin.mine().plan().decisions();
      assertEquals(2, decisions.size());
      for (int depth = 0; depth < 2; depth++) {
        AttentionPlan.Decision decision = decisions.get(depth);
        assertEquals(depth, decision.depth());
        assertEquals(depth == 0 ? 50 : 30, decision.tokens());
        assertEquals(depth == 0 ? 4 : 3, decision.sequences());
        assertTrue(sharing == Sharing.AUTO || decision.shared() == (sharing == Sharing.ALWAYS));
      }
      twin.append(1, 1, 1, 1, 1);
      twin.attend(1, 1, 1, 1, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300})
  void promoteASuffixOfAnyLength(int length) {
    contract.assume(EnumSet.of(Feature.PROMOTE, Feature.LEVELS));
    for (DataType storage : DataType.values()) {
      EngineOptions options = EngineOptions.defaults().withStorage(storage);
      try (Twin twin = twin(options, 3, length + 2)) {
        twin.attach(0, twin.prefix(-1, 11));
        twin.append(length, 1, 2);
        int fork = twin.promote(0);
        twin.attach(1, fork);
        twin.attend(1, 1, 1);
        twin.append(length, 1, 0);
        twin.attend(1, 1, 1);
      }
    }
  }

  @Test
  void enginesInSeveralThreads() throws Exception {
    contract.assume(SHAPE);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int id = t;
        tasks.add(() -> decode(id));
      }
      for (Future<Boolean> done : threads.invokeAll(tasks)) {
        assertTrue(done.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private boolean decode(int id) {
    try (Twin twin = new Twin(contract, SHAPE, EngineOptions.defaults(), 3, 30, id)) {
      twin.attach(id % 3, twin.prefix(-1, 20 + 7 * id));
      for (int step = 0; step < 25; step++) {
        twin.append(1, 1, id % 2);
        twin.attend(1, 1, 1);
      }
    }
    return true;
  }

  @Test
  void anyNumberOfThreads() {
    for (int count : new int[] {1, 2, 3, 7, 16}) {
      try (Twin twin = twin(EngineOptions.defaults().withThreads(count), 7, 12)) {
        int prefix = twin.prefix(-1, 150);
        for (int s = 0; s < 7; s += 2) {
          twin.attach(s, prefix);
        }
        twin.append(1, 2, 3, 4, 5, 6, 12);
        twin.attend(1, 1, 1, 1, 1, 1, 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 16})
  void promptsOnAnyNumberOfThreads(int count) {
    AttentionShape shape = AttentionShape.of(4, 1, 16);
    contract.assume(shape);
    EngineOptions options = EngineOptions.defaults().withThreads(count);
    try (Twin twin = new Twin(contract, shape, options, 4, 120, 5)) {
      twin.attach(2, twin.prefix(-1, 70));
      twin.append(110, 1, 90, 6);
      twin.attend(110, 1, 70, 5);
      twin.append(10, 0, 30, 1);
      twin.attend(120, 1, 30, 1);
    }
  }

  @Test
  void theCallersExecutor() {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Twin twin = twin(EngineOptions.defaults().withExecutor(threads), 3, 12)) {
      twin.attach(2, twin.prefix(-1, 150));
      twin.append(12, 5, 8);
      twin.attend(1, 1, 1);
    } finally {
      threads.shutdownNow();
    }
  }
}
