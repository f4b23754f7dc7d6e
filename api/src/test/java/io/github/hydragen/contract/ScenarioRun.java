package io.github.hydragen.contract;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** A scenario set up in an engine: its prefixes and a batch with its suffixes. */
final class ScenarioRun implements AutoCloseable {
  private final Scenario scenario;
  private final ScenarioData data;
  private final AttentionEngine engine;
  private final List<Prefix> prefixes = new ArrayList<>();
  private final SequenceBatch batch;

  ScenarioRun(Scenario scenario, ScenarioData data, AttentionEngine engine) {
    this.scenario = scenario;
    this.data = data;
    this.engine = engine;
    for (int p = 0; p < scenario.parents.length; p++) {
      Tensor k = data.prefixKeys.get(p);
      Tensor v = data.prefixValues.get(p);
      int parent = scenario.parents[p];
      prefixes.add(parent < 0 ? engine.prefix(k, v) : engine.prefix(prefixes.get(parent), k, v));
    }
    batch = engine.batch(scenario.batch(), scenario.capacity());
    for (int s = 0; s < scenario.batch(); s++) {
      int prefix = scenario.attached[s];
      batch.attach(s, prefix < 0 ? null : prefixes.get(prefix));
    }
    appendSuffixes();
  }

  /** What is there before the new tokens, then the new tokens, as decoding would. */
  private void appendSuffixes() {
    int[] first = new int[scenario.batch()];
    int[] history = new int[scenario.batch()];
    int[] firstNew = new int[scenario.batch()];
    int[] added = new int[scenario.batch()];
    int token = 0;
    for (int s = 0; s < scenario.batch(); s++) {
      first[s] = token;
      history[s] = scenario.history(s);
      firstNew[s] = token + history[s];
      added[s] = scenario.suffixes[s] - history[s];
      token += scenario.suffixes[s];
    }
    append(first, history);
    append(firstNew, added);
  }

  private void append(int[] from, int[] counts) {
    batch.append(
        ScenarioData.gather(data.suffixKeys, from, counts),
        ScenarioData.gather(data.suffixValues, from, counts),
        counts);
  }

  SequenceBatch batch() {
    return batch;
  }

  /**
   * Attends with the queries of some sequences only.
   *
   * @param chosen whether a sequence takes part
   * @param output type of the outputs
   */
  Answer attend(boolean[] chosen, DataType output) {
    int[] from = new int[scenario.batch()];
    int[] counts = new int[scenario.batch()];
    int row = 0;
    int rows = 0;
    for (int s = 0; s < scenario.batch(); s++) {
      from[s] = row;
      counts[s] = chosen[s] ? scenario.newTokens[s] : 0;
      row += scenario.newTokens[s];
      rows += counts[s];
    }
    Tensor queries = ScenarioData.gather(data.queries, from, counts);
    Answer answer = Answer.unwritten(scenario.shape, rows, output);
    batch.attend(queries, answer.out(), answer.lse(), counts);
    return answer;
  }

  /** Closes the batch and the prefixes, the children first; the engine stays. */
  @Override
  public void close() {
    batch.close();
    for (int p = prefixes.size() - 1; p >= 0; p--) {
      prefixes.get(p).close();
    }
  }

  AttentionEngine engine() {
    return engine;
  }

  /** Sets up, attends with all sequences and frees everything. */
  static Answer all(Scenario scenario, EngineOptions options) {
    try (Arena arena = Arena.ofShared()) {
      return some(
          scenario,
          new ScenarioData(scenario, arena),
          options,
          everyone(scenario),
          scenario.output);
    }
  }

  static Answer some(
      Scenario scenario,
      ScenarioData data,
      EngineOptions options,
      boolean[] chosen,
      DataType output) {
    try (AttentionEngine engine = AttentionEngine.open(scenario.shape, options);
        ScenarioRun run = new ScenarioRun(scenario, data, engine)) {
      return run.attend(chosen, output);
    }
  }

  static boolean[] everyone(Scenario scenario) {
    boolean[] chosen = new boolean[scenario.batch()];
    java.util.Arrays.fill(chosen, true);
    return chosen;
  }
}
