package io.github.hydragen.benchmarks.report;

import io.github.hydragen.benchmarks.compare.Result;
import io.github.hydragen.benchmarks.compare.Result.StepMicros;
import io.github.hydragen.benchmarks.compare.Section;
import io.github.hydragen.cli.console.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The results of one case.
 *
 * @param results of all contenders, ours first
 */
record CaseGroup(List<Result> results) {
  static final String OURS = "hydragen";

  /** The cases of a section in their order; empty type for all. */
  static List<CaseGroup> of(List<Result> all, Section section, String dtype) {
    Map<String, List<Result>> cases = new LinkedHashMap<>();
    for (Result r : all) {
      if (r.section() == section && (dtype.isEmpty() || r.dtype().equals(dtype))) {
        cases.computeIfAbsent(key(r), name -> new ArrayList<>()).add(r);
      }
    }
    return cases.values().stream().map(CaseGroup::new).toList();
  }

  private static String key(Result r) {
    return r.batch() + " " + r.prefix() + " " + r.suffix() + " " + r.kvHeads() + " " + r.dtype();
  }

  Result first() {
    return results.get(0);
  }

  /** For instance {@code 64 x 2048 + 256, 32/8}. */
  String name() {
    Result r = first();
    String tokens =
        r.suffix() == 0
            ? r.batch() + " x " + r.prefix()
            : r.prefix() == 0
                ? r.batch() + " x " + r.suffix()
                : r.batch() + " x " + r.prefix() + " + " + r.suffix();
    return tokens + ", " + r.queryHeads() + "/" + r.kvHeads();
  }

  /** A contender's times, if it was measured. */
  Optional<StepMicros> micros(String contender) {
    return result(contender).map(Result::stepMicros);
  }

  Optional<Result> result(String contender) {
    return results.stream()
        .filter(r -> r.contender().equals(contender) && r.stepMicros() != null)
        .findFirst();
  }

  /** How many times as long as ours a contender takes. */
  Optional<Double> timesOurs(String contender) {
    return micros(OURS).flatMap(us -> micros(contender).map(it -> it.median() / us.median()));
  }

  /** The same as a cell, empty if not measured. */
  String timesOursCell(String contender) {
    return timesOurs(contender).map(times -> Units.number(times) + "x").orElse("–");
  }

  static String percent(double share) {
    return Math.round(100 * share) + "%";
  }
}
