package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.bench.Result.Measurement;
import io.github.hydragen.cli.console.Table;
import io.github.hydragen.cli.console.Units;
import io.github.hydragen.cli.console.Version;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a person reads of a bench. */
final class TextReport {
  private static final String MISSING = "-";
  private static final String OUT_OF_MEMORY = "OOM";

  private static final List<String> SUITE =
      List.of(
          "batch, prefix, output, heads",
          "FlashAttention tokens/s",
          "Hydragen tokens/s",
          "Speed-up",
          "FlashAttention peak",
          "Hydragen peak",
          "Max error");
  private static final List<Integer> SUITE_WIDTHS = List.of(28, 10, 10, 8, 10, 10, 8);

  /** A part of the roofline up to this may be noise. */
  private static final double NOISE_ABOVE_ROOFLINE = 1.05;

  private final PrintWriter out;
  private final DeviceInfo device;
  private final StepSampling sampling;
  private final boolean resident;
  private final boolean kernels;
  private final Table suite;

  /**
   * A report.
   *
   * @param resident whether queries, new tokens and outputs stay on the device
   * @param kernels whether the device's kernels are timed
   */
  TextReport(
      PrintWriter out,
      DeviceInfo device,
      StepSampling sampling,
      boolean resident,
      boolean kernels) {
    this.out = out;
    this.device = device;
    this.sampling = sampling;
    this.resident = resident;
    this.kernels = kernels;
    List<String> titles = new ArrayList<>(SUITE);
    List<Integer> widths = new ArrayList<>(SUITE_WIDTHS);
    if (kernels) {
      titles.addAll(List.of("Hydragen step", "Hydragen kernels"));
      widths.addAll(List.of(10, 10));
    }
    suite = new Table(titles, widths);
  }

  /** Says what will be measured, on what and how. */
  void header(List<Workload> workloads, Set<Method> methods) {
    out.println("hydragen " + Version.number() + " (" + Version.commit() + ")");
    out.println("Device:   " + device.name() + ": " + device.description());
    if (workloads.size() == 1) {
      Workload workload = workloads.get(0);
      out.println("Workload: " + workload.describe());
      out.println("KV cache: " + cache(workload, methods));
    } else if (workloads.get(0).layers() > 1) {
      out.println("Layers:   " + workloads.get(0).layers() + " a step, one after the other");
    }
    workloads.stream()
        .mapToInt(Workload::output)
        .distinct()
        .forEach(output -> out.println("Timed:    " + sampled(output)));
    if (resident) {
      out.println("Resident: queries, new tokens and outputs stay on the device");
    }
    out.println();
    if (workloads.size() > 1) {
      out.println(suite.head());
    }
    out.flush();
  }

  private static String cache(Workload workload, Set<Method> methods) {
    return methods.stream()
        .sorted(Collections.reverseOrder())
        .map(m -> m.title() + " " + Units.bytes(workload.kvBytes(m)))
        .collect(Collectors.joining(", "));
  }

  private String sampled(int output) {
    int most = sampling.repetitions().max();
    String often = most == 1 ? "once each" : "up to " + most + " times each";
    if (sampling.all(output)) {
      return "all " + output + " decode steps, " + often;
    }
    String list =
        IntStream.of(sampling.steps(output))
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(", "));
    return "decode steps %s of %d, %s; tokens/s are for all %d, interpolated"
        .formatted(list, output, often, output);
  }

  /** The results of one workload: a column for each method, the baseline first. */
  void table(List<Result> results) {
    List<Result> columns = baselineFirst(results);
    List<String> headings = new ArrayList<>(List.of("Metric"));
    columns.forEach(r -> headings.add(r.method().title()));
    Table table = new Table(headings, Collections.nCopies(headings.size(), 16));
    out.println(table.head());
    row(table, columns, "Tokens/s", m -> Units.number(m.tokensPerSecond()));
    row(table, columns, "Peak memory", m -> Units.bytes(m.peakBytes()));
    row(table, columns, "Step, median", m -> Units.micros(m.times().percentile(0.5)));
    row(table, columns, "Step, p10", m -> Units.micros(m.times().percentile(0.1)));
    row(table, columns, "Step, p90", m -> Units.micros(m.times().percentile(0.9)));
    if (kernels) {
      row(table, columns, "Kernels, median", m -> micros(m.medianKernelMicros()));
    }
    row(table, columns, "Max error", m -> Units.scientific(m.error().out()));
    double mostOfRoofline = mostOfRoofline(results);
    if (mostOfRoofline > 0) {
      row(table, columns, "Of the roofline", TextReport::roofline);
    }
    if (results.size() == Method.values().length) {
      out.println();
      out.println("Speed-up by sharing: " + speedUp(results));
    }
    if (mostOfRoofline > NOISE_ABOVE_ROOFLINE) {
      out.println();
      out.println(
          "The roofline is too low: it was measured while the machine was slower. Measure it again with --calibrate");
    }
    out.flush();
  }

  private static String micros(@Nullable Double micros) {
    return micros == null ? MISSING : Units.micros(micros);
  }

  /** The largest part of the roofline that a method reaches; 0 where it is not known. */
  private static double mostOfRoofline(List<Result> results) {
    double most = 0;
    for (Result result : results) {
      Measurement measured = result.measured();
      Double fraction = measured == null ? null : measured.rooflineFraction();
      most = fraction == null ? most : Math.max(most, fraction);
    }
    return most;
  }

  private static String roofline(Measurement measured) {
    Double fraction = measured.rooflineFraction();
    return fraction == null ? MISSING : Math.round(100 * fraction) + "%";
  }

  private void row(
      Table table, List<Result> columns, String metric, Function<Measurement, String> value) {
    List<String> cells = new ArrayList<>(List.of(metric));
    columns.forEach(r -> cells.add(cell(r, value)));
    out.println(table.row(cells));
  }

  private static String cell(@Nullable Result result, Function<Measurement, String> value) {
    if (result == null) {
      return MISSING;
    }
    Measurement measured = result.measured();
    return measured == null ? OUT_OF_MEMORY : value.apply(measured);
  }

  private static List<Result> baselineFirst(List<Result> results) {
    List<Result> columns = new ArrayList<>(results);
    Collections.reverse(columns);
    return columns;
  }

  private static String speedUp(List<Result> results) {
    Measurement shared = measured(results, Method.HYDRAGEN);
    Measurement unshared = measured(results, Method.FLASH);
    return shared == null || unshared == null
        ? MISSING
        : Units.number(shared.tokensPerSecond() / unshared.tokensPerSecond()) + "x";
  }

  private static @Nullable Measurement measured(List<Result> results, Method method) {
    Result result = find(results, method);
    return result == null ? null : result.measured();
  }

  private static @Nullable Result find(List<Result> results, Method method) {
    return results.stream().filter(r -> r.method() == method).findFirst().orElse(null);
  }

  /** One line of a suite. */
  void suiteRow(Workload workload, List<Result> results) {
    Result shared = find(results, Method.HYDRAGEN);
    Result unshared = find(results, Method.FLASH);
    double error =
        results.stream()
            .map(Result::measured)
            .mapToDouble(m -> m == null ? 0 : m.error().out())
            .max()
            .orElse(0);
    List<String> cells = new ArrayList<>();
    cells.add(
        "%d, %d, %d, %d/%d"
            .formatted(
                workload.batch(),
                workload.prefix(),
                workload.output(),
                workload.shape().queryHeads(),
                workload.shape().kvHeads()));
    cells.add(cell(unshared, m -> Units.number(m.tokensPerSecond())));
    cells.add(cell(shared, m -> Units.number(m.tokensPerSecond())));
    cells.add(speedUp(results));
    cells.add(cell(unshared, m -> Units.bytes(m.peakBytes())));
    cells.add(cell(shared, m -> Units.bytes(m.peakBytes())));
    cells.add(Units.scientific(error));
    if (kernels) {
      cells.add(cell(shared, m -> Units.micros(m.times().percentile(0.5))));
      cells.add(cell(shared, m -> micros(m.medianKernelMicros())));
    }
    out.println(suite.row(cells));
    out.flush();
  }

  /** What the engine does with each prefix. */
  void plan(List<Result> results) {
    Measurement shared = measured(results, Method.HYDRAGEN);
    if (shared == null) {
      return;
    }
    out.println();
    if (shared.plan().decisions().isEmpty()) {
      out.println("Plan: nothing to decide");
    }
    for (AttentionPlan.Decision d : shared.plan().decisions()) {
      out.printf(
          "Plan: prefix of %d tokens at depth %d, %d sequences: %s%s%n",
          d.tokens(),
          d.depth(),
          d.sequences(),
          d.shared() ? "one shared pass" : "each by itself",
          estimates(d));
    }
    out.flush();
  }

  /** What the engine expects; empty where it does not estimate. */
  private static String estimates(AttentionPlan.Decision decision) {
    return decision.sharedMicros() == 0 && decision.separateMicros() == 0
        ? ""
        : " (estimated: shared "
            + Units.micros(decision.sharedMicros())
            + ", separate "
            + Units.micros(decision.separateMicros())
            + ")";
  }
}
