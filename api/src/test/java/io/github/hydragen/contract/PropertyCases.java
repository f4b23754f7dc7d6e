package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.AttentionState;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds between results, whatever they are. */
abstract class PropertyCases {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);
  private final AttentionBackendContract contract;

  PropertyCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  private static Tensor normal(SplittableRandom random, float factor, long... shape) {
    return ScenarioData.normal(random, Arena.ofAuto(), DataType.F32, factor, shape);
  }

  private static Tensor keys(SplittableRandom random, int tokens) {
    return normal(random, 1, tokens, SHAPE.kvHeads(), SHAPE.headDim());
  }

  /** All keys of one sequence, split at two places into two prefixes and the suffix. */
  private static Answer split(
      EngineOptions options, Tensor k, Tensor v, Tensor q, int first, int second) {
    int tokens = (int) k.size(0);
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      Prefix root = first == 0 ? null : engine.prefix(k.rows(0, first), v.rows(0, first));
      Tensor middleK = k.rows(first, second);
      Tensor middleV = v.rows(first, second);
      Prefix leaf = root;
      if (first < second) {
        leaf =
            root == null ? engine.prefix(middleK, middleV) : engine.prefix(root, middleK, middleV);
      }
      SequenceBatch batch = engine.batch(1, tokens);
      batch.attach(0, leaf);
      int[] rest = {tokens - second};
      batch.append(k.rows(second, tokens), v.rows(second, tokens), rest);
      Answer answer = Answer.unwritten(SHAPE, 1, DataType.F32);
      batch.attend(q, answer.out(), answer.lse());
      return answer;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void splittingTheKeysAnywhereGivesTheSame(long seed) {
    contract.assume(SHAPE);
    int tokens = 67;
    SplittableRandom random = new SplittableRandom(seed);
    Tensor k = keys(random, tokens);
    Tensor v = keys(random, tokens);
    Tensor q = normal(random, 2, 1, SHAPE.queryHeads(), SHAPE.headDim());
    EngineOptions always = EngineOptions.defaults().withSharing(Sharing.ALWAYS);
    Answer whole = split(always.withBackend("reference"), k, v, q, 0, 0);
    boolean levels = !contract.unsupported().containsKey(Feature.LEVELS);
    for (int first = 0; first <= tokens; first++) {
      int second = levels ? first + random.nextInt(tokens - first + 1) : first;
      Answer parts = split(contract.with(always), k, v, q, first, second);
      new Agreement(contract.tolerance())
          .check("seed %d, split at %d and %d".formatted(seed, first, second), whole, parts);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void permutingSequencesPermutesResults(long seed) {
    contract.assume(SHAPE);
    int sequences = 11;
    SplittableRandom random = new SplittableRandom(seed);
    Tensor[] k = new Tensor[sequences];
    Tensor[] v = new Tensor[sequences];
    Tensor[] q = new Tensor[sequences];
    for (int s = 0; s < sequences; s++) {
      int length = random.nextInt(40);
      k[s] = keys(random, length);
      v[s] = keys(random, length);
      q[s] = normal(random, 1, 1, SHAPE.queryHeads(), SHAPE.headDim());
    }
    Tensor prefixK = keys(random, 45);
    Tensor prefixV = keys(random, 45);
    int[] order = new int[sequences];
    Arrays.setAll(order, s -> s);
    Answer straight = permuted(prefixK, prefixV, k, v, q, order);
    for (int s = sequences - 1; s > 0; s--) {
      int other = random.nextInt(s + 1);
      int swapped = order[s];
      order[s] = order[other];
      order[other] = swapped;
    }
    Answer permuted = permuted(prefixK, prefixV, k, v, q, order);
    for (int s = 0; s < sequences; s++) {
      int from = order[s];
      new Agreement(contract.tolerance())
          .check(
              "seed " + seed + ", sequence " + from + " at " + s,
              straight.rows(from, from + 1L),
              permuted.rows(s, s + 1L));
    }
  }

  /** Every third sequence has no prefix. */
  private Answer permuted(
      Tensor prefixK, Tensor prefixV, Tensor[] k, Tensor[] v, Tensor[] q, int[] order) {
    EngineOptions options = contract.with(EngineOptions.defaults());
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      Prefix prefix = engine.prefix(prefixK, prefixV);
      SequenceBatch batch = engine.batch(order.length, 40);
      Tensor queries = Answer.unwritten(SHAPE, order.length, DataType.F32).out();
      for (int s = 0; s < order.length; s++) {
        int from = order[s];
        batch.attach(s, from % 3 == 0 ? null : prefix);
        int[] counts = new int[order.length];
        counts[s] = (int) k[from].size(0);
        batch.append(k[from], v[from], counts);
        queries.rows(s, s + 1L).segment().copyFrom(q[from].segment());
      }
      Answer answer = Answer.unwritten(SHAPE, order.length, DataType.F32);
      batch.attend(queries, answer.out(), answer.lse());
      return answer;
    }
  }

  /** The same call twice gives the same bits: nothing of a step is left behind. */
  @Test
  void repeatingAStepRepeatsItsResult() {
    contract.assume(SHAPE);
    Scenario scenario = Scenario.shared("twice", SHAPE, 140, 3, 40, 0, 7);
    EngineOptions options = contract.with(EngineOptions.defaults());
    try (Arena arena = Arena.ofShared();
        AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      ScenarioData data = new ScenarioData(scenario, arena);
      try (ScenarioRun run = new ScenarioRun(scenario, data, engine)) {
        boolean[] all = ScenarioRun.everyone(scenario);
        Answer first = run.attend(all, DataType.F32);
        Answer second = run.attend(all, DataType.F32);
        new Agreement(contract.tolerance()).check("second time", first, second);
      }
    }
  }

  /**
   * The PyTorch implementation reads the prefix's LSE, which its attention returns as [heads, batch
   * x tokens], by {@code view(batch, heads, tokens)} where it would have to transpose. Scores of
   * small variance hide that; queries times 2 show it.
   */
  @Test
  void theLseOfThePrefixIsTransposedAndNotJustViewed() {
    AttentionShape shape = AttentionShape.of(8, 8, 64);
    contract.assume(shape);
    int batch = 8;
    Scenario whole =
        Scenario.shared("whole", shape, 16, 16, 16, 16, 16, 16, 16, 16, 16).queryFactor(2);
    try (Arena arena = Arena.ofShared()) {
      ScenarioData data = new ScenarioData(whole, arena);
      EngineOptions options = contract.with(EngineOptions.defaults());
      Answer exact = run(whole, data, options.withBackend("reference"));
      new Agreement(contract.tolerance()).check("ours", exact, run(whole, data, options));
      Scenario prefixOnly = part(whole, true);
      Scenario suffixOnly = part(whole, false);
      AttentionState prefix = state(run(prefixOnly, data, options));
      AttentionState suffix = state(run(suffixOnly, data, options));
      AttentionState merged = AttentionState.empty(arena, batch, 8, 64);
      AttentionState.merge(prefix, suffix, merged);
      new Agreement(contract.tolerance())
          .check("merged", exact, new Answer(merged.out(), merged.lse()));

      Tensor viewed = Tensor.allocate(arena, DataType.F32, batch, 8);
      for (int s = 0; s < batch; s++) {
        for (int h = 0; h < 8; h++) {
          viewed.set(h * batch + s, prefix.lse().get(s * 8 + h));
        }
      }
      AttentionState.merge(new AttentionState(prefix.out(), viewed), suffix, merged);
      double worst = 0;
      for (long i = 0; i < merged.out().elements(); i++) {
        worst = Math.max(worst, Math.abs(merged.out().get(i) - exact.out().get(i)));
      }
      assertTrue(worst > 1, "the view's error is only " + worst);
    }
  }

  private static AttentionState state(Answer answer) {
    return new AttentionState(answer.out(), answer.lse());
  }

  private static Answer run(Scenario scenario, ScenarioData data, EngineOptions options) {
    return ScenarioRun.some(scenario, data, options, ScenarioRun.everyone(scenario), DataType.F32);
  }

  /** The prefix without the suffixes or the suffixes without the prefix, on the same data. */
  private static Scenario part(Scenario whole, boolean prefix) {
    int[] attached = new int[whole.batch()];
    Arrays.fill(attached, prefix ? 0 : -1);
    return new Scenario(prefix ? "prefix" : "suffixes", whole.shape)
        .tree(whole.parents, whole.prefixLengths)
        .sequences(attached, prefix ? new int[whole.batch()] : whole.suffixes);
  }
}
