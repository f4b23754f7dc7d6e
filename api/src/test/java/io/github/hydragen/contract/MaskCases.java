package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several new tokens, the causal rule, windows, caps, scales, and large scores. */
abstract class MaskCases {
  private static final EngineOptions DEFAULTS = EngineOptions.defaults();

  private final AttentionBackendContract contract;

  MaskCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  private static Scenario tree(String name, EngineOptions options) {
    return new Scenario(name, AttentionShape.of(6, 2, 40))
        .tree(new int[] {-1, 0, 0}, new int[] {21, 9, 14})
        .sequences(new int[] {1, 2, 0, 1, -1, 2}, new int[] {7, 12, 40, 5, 9, 33})
        .options(options);
  }

  static Stream<Scenario> severalTokens() {
    List<Scenario> cases = new ArrayList<>();
    for (boolean causal : new boolean[] {true, false}) {
      for (int count = 0; count <= 5; count++) {
        cases.add(
            tree(count + " new tokens, causal " + causal, DEFAULTS.withCausal(causal))
                .newTokens(count));
      }
      cases.add(
          tree("ragged new tokens, causal " + causal, DEFAULTS.withCausal(causal))
              .newTokens(3, 0, 33, 5, 1, 17));
      cases.add(
          tree("all tokens are new, causal " + causal, DEFAULTS.withCausal(causal))
              .newTokens(7, 12, 40, 5, 9, 33));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("severalTokens")
  void newTokens(Scenario scenario) {
    contract.check(scenario);
  }

  /**
   * Queries of tokens in the prefix itself: their positions count on from the suffix to the left.
   */
  @ParameterizedTest
  @CsvSource({"true, -1", "false, -1", "true, 5", "false, 5"})
  void moreQueriesThanSuffixTokens(boolean causal, int window) {
    EngineOptions options = DEFAULTS.withCausal(causal).withWindow(window);
    contract.check(
        tree("some queries see no suffix token", options).newTokens(9, 13, 41, 6, 9, 40));
    contract.check(tree("some queries see no key", options).newTokens(1, 1, 1, 1, 12, 1));
  }

  static Stream<Scenario> windows() {
    List<Scenario> cases = new ArrayList<>();
    for (boolean causal : new boolean[] {true, false}) {
      for (int window : new int[] {0, 1, 5, 12, 33, 60, 1000, Integer.MAX_VALUE}) {
        EngineOptions options = DEFAULTS.withWindow(window).withCausal(causal);
        cases.add(tree("window " + window + ", causal " + causal, options));
        cases.add(
            tree("window " + window + ", causal " + causal + ", ragged", options)
                .newTokens(3, 0, 33, 5, 1, 17));
      }
    }
    cases.add(
        Scenario.shared(
                "a window inside a long suffix",
                AttentionShape.of(4, 4, 64),
                300,
                150,
                290,
                40,
                1,
                129)
            .options(DEFAULTS.withWindow(128)));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("windows")
  void window(Scenario scenario) {
    contract.check(scenario);
  }

  @ParameterizedTest
  @ValueSource(floats = {0.5f, 5, 50})
  void logitSoftCap(float cap) {
    EngineOptions options = DEFAULTS.withLogitSoftCap(cap);
    contract.check(tree("cap " + cap, options));
    contract.check(tree("cap " + cap + ", queries times 20", options).queryFactor(20));
    contract.check(
        tree("cap, window, several tokens", options.withWindow(20)).newTokens(2, 3, 4, 0, 1, 6));
  }

  @ParameterizedTest
  @ValueSource(floats = {1, 0.01f, 0.3f, -0.2f})
  void scale(float scale) {
    contract.check(tree("scale " + scale, DEFAULTS.withScale(scale)));
  }

  /**
   * Scores beyond the range of a naive exp in fp32 (88.7). The error of a score grows with its
   * magnitude, and so does that of the outputs, which depend on differences of scores.
   */
  @ParameterizedTest
  @ValueSource(floats = {30, 100, 300, -300})
  void scoresThatOverflowANaiveExp(float factor) {
    Scenario scenario = tree("queries times " + factor, DEFAULTS).queryFactor(factor);
    contract.check(scenario, contract.tolerance() * Math.max(1, Math.abs(factor) * 5 / 64));
  }

  /** The scores of one pass are far above those of the other: its share must come out as 1 or 0. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void onePassOutweighsTheOther(boolean prefixWins) {
    contract.assume(AttentionShape.of(1, 1, 8));
    float[] low = {-200, 0, 0, 0, 0, 0, 0, 0};
    float[] high = {200, 0, 0, 0, 0, 0, 0, 0};
    float[] one = {1, 1, 1, 1, 1, 1, 1, 1};
    float[] two = {2, 2, 2, 2, 2, 2, 2, 2};
    EngineOptions options = contract.with(DEFAULTS.withScale(1));
    try (AttentionEngine engine = AttentionEngine.open(AttentionShape.of(1, 1, 8), options)) {
      var batch = engine.batch(1, 1);
      batch.attach(0, engine.prefix(prefixWins ? high : low, one));
      batch.append(prefixWins ? low : high, two);
      Answer answer = Answer.unwritten(engine.shape(), 1, DataType.F32);
      batch.attend(
          Tensor.of(new float[] {1, 0, 0, 0, 0, 0, 0, 0}, 1, 1, 8), answer.out(), answer.lse());
      Answer expected = Answer.unwritten(engine.shape(), 1, DataType.F32);
      Answer.fill(expected.out(), prefixWins ? 1 : 2);
      Answer.fill(expected.lse(), 200);
      new Agreement(contract.tolerance()).check("outweighed", expected, answer);
    }
  }

  /**
   * What is not supported is refused when the engine is opened: never computed as something else.
   */
  @Test
  void refusesWhatItDoesNotSupport() {
    Map<Feature, EngineOptions> openings =
        Map.of(
            Feature.F16_STORAGE, DEFAULTS.withStorage(DataType.F16),
            Feature.BF16_STORAGE, DEFAULTS.withStorage(DataType.BF16),
            Feature.NON_CAUSAL, DEFAULTS.withCausal(false),
            Feature.WINDOW, DEFAULTS.withWindow(8),
            Feature.SOFT_CAP, DEFAULTS.withLogitSoftCap(30));
    AttentionShape shape = AttentionShape.of(4, 2, 64);
    contract.assume(shape);
    openings.forEach(
        (feature, options) -> {
          if (contract.unsupported().containsKey(feature)) {
            assertThrows(
                IllegalArgumentException.class,
                () -> AttentionEngine.open(shape, contract.with(options)).close(),
                feature + " is not supported and must be refused");
          } else {
            AttentionEngine.open(shape, contract.with(options)).close();
          }
        });
  }
}
