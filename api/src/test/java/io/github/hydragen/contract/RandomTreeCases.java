package io.github.hydragen.contract;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Small random trees of prefixes with random sequences, shapes and options. */
abstract class RandomTreeCases {
  private static final long SEED = Long.getLong("hydragen.test.seed", 240_205_099L);
  private static final int TREES_PER_ENGINE = 10;
  private static final int[] HEAD_DIMS = {1, 3, 8, 13, 16, 24, 32, 40, 64, 80, 128};

  private final AttentionBackendContract contract;

  RandomTreeCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  @TestFactory
  Stream<DynamicTest> randomTrees() {
    int engines = (contract.randomCases() + TREES_PER_ENGINE - 1) / TREES_PER_ENGINE;
    return IntStream.range(0, engines)
        .mapToObj(i -> DynamicTest.dynamicTest("seed " + (SEED + i), () -> trees(SEED + i)));
  }

  private void trees(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    AttentionShape shape = shape(random);
    contract.assume(shape);
    EngineOptions options = options(random);
    List<Sharing> sharings = contract.sharings();
    Sharing sharing = sharings.get(random.nextInt(sharings.size()));
    EngineOptions mine = contract.with(options).withSharing(sharing);
    try (AttentionEngine exact = AttentionEngine.open(shape, options.withBackend("reference"));
        AttentionEngine engine = AttentionEngine.open(shape, mine)) {
      for (int tree = 0; tree < TREES_PER_ENGINE; tree++) {
        String name = "seed " + seed + ", tree " + tree + ", " + shape + ", sharing " + sharing;
        check(scenario(random, name, shape, options), engine, exact);
      }
    }
  }

  private static AttentionShape shape(SplittableRandom random) {
    int kvHeads = random.nextInt(1, 4);
    int headDim = HEAD_DIMS[random.nextInt(HEAD_DIMS.length)];
    return AttentionShape.of(kvHeads * random.nextInt(1, 6), kvHeads, headDim);
  }

  private EngineOptions options(SplittableRandom random) {
    EngineOptions options = EngineOptions.defaults();
    DataType storage = List.of(DataType.values()).get(random.nextInt(3));
    if (chosen(random, 1, storage == DataType.F16 ? Feature.F16_STORAGE : Feature.BF16_STORAGE)) {
      options = options.withStorage(storage);
    }
    if (chosen(random, 0.25, Feature.NON_CAUSAL)) {
      options = options.withCausal(false);
    }
    if (chosen(random, 0.25, Feature.WINDOW)) {
      options = options.withWindow(random.nextInt(80));
    }
    if (chosen(random, 0.25, Feature.SOFT_CAP)) {
      options = options.withLogitSoftCap(random.nextInt(1, 40));
    }
    return random.nextInt(4) == 0 ? options.withScale(0.3f) : options;
  }

  private boolean chosen(SplittableRandom random, double probability, Feature feature) {
    return random.nextDouble() < probability && supports(feature);
  }

  private boolean supports(Feature feature) {
    return !contract.unsupported().containsKey(feature);
  }

  private Scenario scenario(
      SplittableRandom random, String name, AttentionShape shape, EngineOptions options) {
    int nodes = random.nextInt(8);
    int[] parents = new int[nodes];
    int[] lengths = new int[nodes];
    for (int p = 0; p < nodes; p++) {
      parents[p] = supports(Feature.LEVELS) ? random.nextInt(p + 1) - 1 : -1;
      lengths[p] = length(random);
    }
    int sequences = random.nextInt(1, 10);
    int[] attached = new int[sequences];
    int[] suffixes = new int[sequences];
    int[] newTokens = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      attached[s] = random.nextInt(nodes + 1) - 1;
      suffixes[s] = length(random);
      newTokens[s] =
          supports(Feature.SEVERAL_TOKENS)
              ? Math.min(random.nextInt(5), Math.max(1, suffixes[s]))
              : 1;
    }
    return new Scenario(name, shape)
        .options(options)
        .tree(parents, lengths)
        .sequences(attached, suffixes)
        .newTokens(newTokens)
        .seed(random.nextLong())
        .spare(random.nextInt(20));
  }

  /** Mostly short, sometimes empty, now and then longer than a tile. */
  private static int length(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> random.nextInt(100, 300);
      default -> random.nextInt(1, 30);
    };
  }

  private void check(Scenario scenario, AttentionEngine engine, AttentionEngine exact) {
    boolean[] all = ScenarioRun.everyone(scenario);
    try (Arena arena = Arena.ofShared()) {
      ScenarioData data = new ScenarioData(scenario, arena);
      try (ScenarioRun expected = new ScenarioRun(scenario, data, exact);
          ScenarioRun actual = new ScenarioRun(scenario, data, engine)) {
        new Agreement(contract.tolerance())
            .check(
                scenario.name,
                expected.attend(all, DataType.F32),
                actual.attend(all, DataType.F32));
      }
    }
  }
}
