package io.github.hydragen.benchmarks.report;

import io.github.hydragen.benchmarks.compare.ComparisonFile;
import io.github.hydragen.benchmarks.compare.Result;
import io.github.hydragen.benchmarks.compare.Result.StepMicros;
import io.github.hydragen.benchmarks.compare.Section;
import io.github.hydragen.cli.console.Environment;
import io.github.hydragen.cli.console.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Tables and plots of a comparison with the peers. */
final class PeersPage {
  private static final List<String> TYPES = List.of("f32", "bf16", "f16");
  private static final String FLASH = "pytorch-flash";
  private static final String BEST = "pytorch-best";
  private static final String ONNX = "onnxruntime";
  private static final String SCALAR = "scalar-loop";

  private final List<Result> results;
  private final ComparisonFile file;
  private final Page page;

  private PeersPage(String group, ComparisonFile file) {
    this.file = file;
    this.results = file.results();
    this.page = new Page(group);
  }

  static Page of(String group, ComparisonFile file) {
    PeersPage made = new PeersPage(group, file);
    made.environment();
    made.steps();
    made.small();
    made.passes(Section.PREFIX, "GFLOP/s", "FMA", r -> r.flops(), r -> r.limits().flopsPerSecond());
    made.passes(Section.SUFFIX, "GB/s", "read", r -> r.bytes(), r -> r.limits().bytesPerSecond());
    made.memory();
    new OwnParts(made.page, made.results).add();
    return made.page;
  }

  private void environment() {
    Environment e = file.environment();
    StringBuilder libraries = new StringBuilder();
    results.stream()
        .map(Result::library)
        .distinct()
        .forEach(library -> libraries.append(libraries.isEmpty() ? "" : "; ").append(library));
    page.part(
        "environment",
        String.format(
            Locale.ROOT,
            """
            | | |
            |-|-|
            | Machine | %s, %d processors, %s, %s |
            | JDK | %s |
            | Limits | %s GFLOP/s of fused multiply-adds, %s GB/s read: medians over the cases, each measured in turns with the steps |
            | Compared | %s |
            | Commit, date | %s, %s |
            | Command | `%s` |
            """,
            e.cpu(),
            e.processors(),
            Units.bytes(e.memoryBytes()),
            e.os(),
            e.java(),
            Units.number(median(r -> r.limits().flopsPerSecond() / 1e9)),
            Units.number(median(r -> r.limits().bytesPerSecond() / 1e9)),
            libraries,
            e.commit(),
            e.date(),
            file.command()));
  }

  private double median(ToDoubleFunction<Result> value) {
    double[] sorted = results.stream().mapToDouble(value).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }

  private void steps() {
    for (String type : TYPES) {
      Markdown table =
          new Markdown(
              "Case",
              "Contender",
              "Step, median",
              "p10 to p90",
              "Of ours",
              "Error, out",
              "Error, lse",
              "How");
      DotPlot plot = new DotPlot("A decode step, " + type, "ms", true);
      for (CaseGroup group : CaseGroup.of(results, Section.STEP, type)) {
        String name = group.name();
        for (Result r : group.results()) {
          table.row(step(group, r, name));
          name = "";
          if (r.stepMicros() != null) {
            plot.add(group.name(), r.contender(), r.stepMicros().median() / 1e3);
          }
        }
      }
      String picture = page.picture("step-" + type, "A decode step, " + type, plot.draw());
      page.part("step " + type, picture + "\n" + table);
    }
  }

  private static List<String> step(CaseGroup group, Result r, String name) {
    StepMicros micros = r.stepMicros();
    if (micros == null) {
      String why = "not measured: " + Objects.requireNonNullElse(r.skipped(), "");
      return List.of(name, r.contender(), "–", "–", "–", "–", "–", why);
    }
    return List.of(
        name,
        r.contender(),
        Units.micros(micros.median()),
        Units.micros(micros.p10()) + " to " + Units.micros(micros.p90()),
        group.timesOursCell(r.contender()),
        error(r.maxAbsError()),
        error(r.maxLseError()),
        r.choice());
  }

  private static String error(@Nullable Double error) {
    return error == null ? "–" : Units.scientific(error);
  }

  private void small() {
    Markdown table =
        new Markdown(
            "Case",
            "Type",
            "Ours",
            "PyTorch flash",
            "Best PyTorch",
            "ONNX Runtime",
            "Plain loop",
            "Best peer of ours");
    for (String type : TYPES) {
      for (CaseGroup group : CaseGroup.of(results, Section.SMALL, type)) {
        Optional<Double> best =
            List.of(FLASH, BEST, ONNX, SCALAR).stream()
                .flatMap(peer -> group.timesOurs(peer).stream())
                .min(Double::compare);
        table.row(
            group.name(),
            type,
            time(group, CaseGroup.OURS),
            time(group, FLASH),
            time(group, BEST),
            time(group, ONNX),
            time(group, SCALAR),
            best.map(times -> Units.number(times) + "x").orElse("–"));
      }
    }
    page.part("small", table.toString());
  }

  private static String time(CaseGroup group, String contender) {
    return group.micros(contender).map(us -> Units.micros(us.median())).orElse("–");
  }

  /** One pass alone, as a rate and as a part of the machine's limit. */
  private void passes(
      Section section,
      String unit,
      String limitName,
      ToDoubleFunction<Result> work,
      ToDoubleFunction<Result> limit) {
    Markdown table =
        new Markdown(
            "Case",
            "Type",
            "Ours, " + unit,
            "Of " + limitName,
            "PyTorch flash",
            "Best PyTorch",
            "ONNX Runtime",
            "Flash of ours",
            "Best of ours",
            "Best by");
    DotPlot plot =
        new DotPlot("The pass over the " + title(section) + " alone", "% of " + limitName, false);
    for (String type : TYPES) {
      for (CaseGroup group : CaseGroup.of(results, section, type)) {
        table.row(pass(group, type, work, limit));
        for (String contender : List.of(CaseGroup.OURS, FLASH, BEST, ONNX)) {
          group
              .result(contender)
              .ifPresent(
                  r ->
                      plot.add(
                          group.name() + ", " + type,
                          contender,
                          100 * rate(r, work) / limit.applyAsDouble(r)));
        }
      }
    }
    String name = section.toString();
    page.part(name, page.picture(name, "Share of the limit", plot.draw()) + "\n" + table);
  }

  private static String title(Section section) {
    return section == Section.PREFIX ? "prefix" : "suffixes";
  }

  private static List<String> pass(
      CaseGroup group, String type, ToDoubleFunction<Result> work, ToDoubleFunction<Result> limit) {
    List<String> cells = new ArrayList<>(List.of(group.name(), type));
    Optional<Result> ours = group.result(CaseGroup.OURS);
    cells.add(rate(ours, work));
    cells.add(ours.map(r -> CaseGroup.percent(rate(r, work) / limit.applyAsDouble(r))).orElse("–"));
    for (String peer : List.of(FLASH, BEST, ONNX)) {
      cells.add(rate(group.result(peer), work));
    }
    cells.add(group.timesOursCell(FLASH));
    cells.add(group.timesOursCell(BEST));
    cells.add(group.result(BEST).map(Result::choice).orElse("–"));
    return cells;
  }

  private static String rate(Optional<Result> result, ToDoubleFunction<Result> work) {
    return result.map(r -> Units.number(rate(r, work) / 1e9)).orElse("–");
  }

  private static double rate(Result r, ToDoubleFunction<Result> work) {
    return work.applyAsDouble(r) / Objects.requireNonNull(r.stepMicros()).median() * 1e6;
  }

  private void memory() {
    Markdown table = new Markdown("Case", "Type", "Keys and values", "All held", "Overhead");
    for (String type : TYPES) {
      for (CaseGroup group : CaseGroup.of(results, Section.STEP, type)) {
        Optional<Result> ours = group.result(CaseGroup.OURS);
        Long kv = ours.map(Result::kvBytes).orElse(null);
        Long held = ours.map(Result::heldBytes).orElse(null);
        if (kv != null && held != null) {
          String overhead = String.format(Locale.ROOT, "%.2f%%", 100.0 * (held - kv) / kv);
          table.row(group.name(), type, Units.bytes(kv), Units.bytes(held), overhead);
        }
      }
    }
    page.part("memory", table.toString());
  }
}
