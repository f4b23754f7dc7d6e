package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * Runs a scenario on a backend and compares it with the reference.
 *
 * <p>The reference is slow: of a large scenario only some sequences are compared, the first and the
 * last always; of the others it is checked that they were written.
 */
final class ScenarioCheck {
  /** Multiply-adds that the reference may spend on one scenario. */
  private static final long BUDGET = 20_000_000;

  /** Elements of keys above which copying them into engines takes most of the time. */
  private static final long LARGE = 2_000_000;

  private final Scenario scenario;
  private final Agreement agreement;

  ScenarioCheck(Scenario scenario, double tolerance) {
    this.scenario = scenario;
    this.agreement = new Agreement(tolerance);
  }

  void run(UnaryOperator<EngineOptions> backend, List<Sharing> sharings) {
    boolean[] sample = sample();
    try (Arena arena = Arena.ofShared()) {
      ScenarioData data = new ScenarioData(scenario, arena);
      Answer exact =
          ScenarioRun.some(
              scenario, data, scenario.options.withBackend("reference"), sample, DataType.F32);
      for (Sharing sharing : worthRunning(sharings)) {
        EngineOptions options = backend.apply(scenario.options).withSharing(sharing);
        Answer answer =
            ScenarioRun.some(
                scenario, data, options, ScenarioRun.everyone(scenario), scenario.output);
        compare(
            scenario + ", seed " + scenario.seed + ", sharing " + sharing, sample, exact, answer);
      }
    }
  }

  /** AUTO does what one of the others does: of a large scenario these are enough. */
  private List<Sharing> worthRunning(List<Sharing> sharings) {
    boolean both = sharings.contains(Sharing.ALWAYS) && sharings.contains(Sharing.NEVER);
    return both && scenario.storedElements() > LARGE
        ? List.of(Sharing.ALWAYS, Sharing.NEVER)
        : sharings;
  }

  private boolean[] sample() {
    boolean[] chosen = new boolean[scenario.batch()];
    List<Integer> order = new ArrayList<>();
    for (int s = 1; s < chosen.length - 1; s++) {
      order.add(s);
    }
    Collections.shuffle(order, new Random(scenario.seed));
    order.add(0, 0);
    order.add(1, chosen.length - 1);
    long work = 0;
    for (int i = 0; i < order.size(); i++) {
      work += scenario.work(order.get(i));
      chosen[order.get(i)] = i < 2 || work <= BUDGET;
    }
    return chosen;
  }

  private void compare(String what, boolean[] sample, Answer exact, Answer answer) {
    long row = 0;
    long sampled = 0;
    for (int s = 0; s < scenario.batch(); s++) {
      int count = scenario.newTokens[s];
      Answer own = answer.rows(row, row + count);
      if (sample[s]) {
        agreement.check(what + ", sequence " + s, exact.rows(sampled, sampled + count), own);
        sampled += count;
      } else {
        checkWritten(what + ", sequence " + s, own);
      }
      row += count;
    }
  }

  private static void checkWritten(String what, Answer answer) {
    for (long i = 0; i < answer.out().elements(); i++) {
      assertFalse(Float.isNaN(answer.out().get(i)), what + " has NaN in out");
    }
    for (long i = 0; i < answer.lse().elements(); i++) {
      assertFalse(Float.isNaN(answer.lse().get(i)), what + " has NaN in lse");
    }
  }
}
