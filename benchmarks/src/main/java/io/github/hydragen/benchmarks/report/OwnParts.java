package io.github.hydragen.benchmarks.report;

import io.github.hydragen.benchmarks.compare.Result;
import io.github.hydragen.benchmarks.compare.Result.StepMicros;
import io.github.hydragen.benchmarks.compare.Section;
import io.github.hydragen.cli.console.Units;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** The parts of a page in which the engine is compared with itself. */
record OwnParts(Page page, List<Result> results) {
  private static final String UNSHARED = "hydragen-unshared";

  void add() {
    sharing();
    scaling();
    spread();
  }

  private void sharing() {
    Markdown table =
        new Markdown(
            "Case",
            "Type",
            "Shared",
            "A copy each",
            "Gain",
            "Bytes saved",
            "Limit of the gain",
            "Of the limit");
    for (CaseGroup group : CaseGroup.of(results, Section.SHARING, "")) {
      Result r = group.first();
      double bytesSaved = r.unsharedBytes() / r.bytes();
      double limit = leastSeconds(r, r.unsharedBytes()) / leastSeconds(r, r.bytes());
      Optional<Double> gain = group.timesOurs(UNSHARED);
      table.row(
          group.name(),
          r.dtype(),
          time(group, CaseGroup.OURS),
          time(group, UNSHARED),
          gain.map(g -> Units.number(g) + "x").orElse("–"),
          Units.number(bytesSaved) + "x",
          Units.number(limit) + "x",
          gain.map(g -> CaseGroup.percent(g / limit)).orElse("–"));
    }
    page.part("sharing", table.toString());
  }

  /** The longer of the arithmetic and the traffic at the machine's limits. */
  private static double leastSeconds(Result r, double bytes) {
    return Math.max(r.flops() / r.limits().flopsPerSecond(), bytes / r.limits().bytesPerSecond());
  }

  private static String time(CaseGroup group, String contender) {
    return group
        .micros(contender)
        .map(us -> Units.micros(us.median()))
        .orElseGet(
            () ->
                group.results().stream()
                    .filter(r -> r.contender().equals(contender))
                    .map(r -> "not measured: " + r.skipped())
                    .findFirst()
                    .orElse("–"));
  }

  private void scaling() {
    Markdown table = new Markdown("Case", "Type", "Threads", "Step, median", "p10 to p90");
    LinePlot suffixes =
        new LinePlot("A decode step over the suffix", "tokens of each suffix", "ms");
    LinePlot batches = new LinePlot("A decode step over the batch", "sequences", "ms");
    List<Result> measured =
        results.stream()
            .filter(r -> r.section() == Section.SCALING && r.stepMicros() != null)
            .toList();
    int batch = most(measured, true);
    int suffix = most(measured, false);
    for (Result r : measured) {
      StepMicros micros = Objects.requireNonNull(r.stepMicros());
      String series = r.dtype() + ", " + threads(r.threads());
      if (r.batch() == batch) {
        suffixes.add(series, r.suffix(), micros.median() / 1e3);
      }
      if (r.suffix() == suffix) {
        batches.add(series, r.batch(), micros.median() / 1e3);
      }
      table.row(
          new CaseGroup(List.of(r)).name(),
          r.dtype(),
          String.valueOf(r.threads()),
          Units.micros(micros.median()),
          Units.micros(micros.p10()) + " to " + Units.micros(micros.p90()));
    }
    page.part(
        "scaling",
        page.picture("suffix-length", "Step time over suffix length", suffixes.draw())
            + page.picture("batch", "Step time over batch", batches.draw())
            + "\n"
            + table);
  }

  private static String threads(int count) {
    return count == 1 ? "1 thread" : count + " threads";
  }

  /** The batch, or the suffix, that most of the results have: the other one is varied there. */
  private static int most(List<Result> measured, boolean batch) {
    return measured.stream()
        .map(r -> batch ? r.batch() : r.suffix())
        .max((a, b) -> Long.compare(count(measured, batch, a), count(measured, batch, b)))
        .orElse(0);
  }

  private static long count(List<Result> measured, boolean batch, int value) {
    return measured.stream().filter(r -> (batch ? r.batch() : r.suffix()) == value).count();
  }

  private void spread() {
    Markdown table =
        new Markdown("Case", "Type", "Steps", "Median", "p10", "p90", "p99", "p99 of the median");
    for (CaseGroup group : CaseGroup.of(results, Section.SPREAD, "")) {
      Result r = group.first();
      StepMicros micros = r.stepMicros();
      if (micros != null) {
        table.row(
            group.name(),
            r.dtype(),
            String.valueOf(r.samples()),
            Units.micros(micros.median()),
            Units.micros(micros.p10()),
            Units.micros(micros.p90()),
            Units.micros(micros.p99()),
            String.format(Locale.ROOT, "%.2f", micros.p99() / micros.median()));
      }
    }
    page.part("spread", table.toString());
  }
}
