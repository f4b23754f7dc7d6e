package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Backends;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.ResidentStep;
import io.github.hydragen.cli.console.BackendName;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.GivenNames;
import io.github.hydragen.cli.console.Progress;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.cli.console.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Times decode steps with and without sharing of the prefix. */
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Times the decode steps of a batch of sequences that share a prefix, with the prefix shared"
          + " (Hydragen) and with a copy of it for every sequence (FlashAttention).",
      "Results are checked against the exact reference on sampled rows."
    },
    footer = {
      "",
      "Examples:",
      "  ./hydragen bench --batch 256 --prefix 2048",
      "  ./hydragen bench --batch 64 --prefix 4096 --kv-heads 8 --method hydragen --explain",
      "  ./hydragen bench --batch 64 --prefix 1024 --kv-heads 8 --layers 32",
      "  ./hydragen bench --suite original --export-json results.json"
    })
public final class BenchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private WorkloadOptions one = new WorkloadOptions();

  @Option(
      names = "--suite",
      paramLabel = "NAME",
      description =
          "Several workloads in one table: original, the ten of the README of the PyTorch"
              + " implementation, shreyansh26/hydragen-attention.")
  private @Nullable Suite suite;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "How keys and values are stored: f32, f16 or bf16 (default: bf16).")
  private DataType dtype = DataType.BF16;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description =
          "Attention layers of a decode step, one after the other, each with keys and values of its"
              + " own (default: 1).")
  private int layers = 1;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      converter = BackendName.class,
      description = "A name that 'hydragen devices' lists (default: the best available).")
  private @Nullable String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of a CPU backend (default: one a processor).")
  private int threads;

  @Option(
      names = "--page-tokens",
      paramLabel = "N",
      description = "Stores suffixes in pages of so many tokens (default: 0, reserved instead).")
  private int pageTokens;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "METHOD",
      description = "hydragen, flash or both (default: hydragen,flash).")
  private Set<Method> methods = EnumSet.allOf(Method.class);

  @Option(
      names = "--steps",
      paramLabel = "N|all",
      description = "Decode steps to time, spread over the output, or all, once each (default: 8).")
  private String steps = "8";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the random keys, values and queries (default: 1337).")
  private long seed = 1337;

  @Option(
      names = "--resident",
      description =
          "Queries, new tokens and outputs stay on the device while a step is timed: what a model"
              + " whose other kernels run there sees. Backends tornado and simulator, up to 8"
              + " layers.")
  private boolean resident;

  @Option(
      names = "--calibrate",
      description =
          "Measures the machine's limits, and the rates by which the engine decides what to share,"
              + " again, also where they are known from before.")
  private boolean calibrate;

  @Option(
      names = "--explain",
      description = "Shows what the engine does with the prefix and what it expects of that.")
  private boolean explain;

  @Option(names = "--export-json", paramLabel = "FILE", description = "Writes results as JSON.")
  private @Nullable Path json;

  @Option(names = "--export-csv", paramLabel = "FILE", description = "Writes results as CSV.")
  private @Nullable Path csv;

  /** Writes to a terminal. */
  public BenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    StepSampling sampling = StepSampling.parse(steps);
    EngineOptions options =
        GivenNames.in(
            () ->
                EngineOptions.defaults()
                    .withBackend(backend)
                    .withThreads(threads)
                    .withPageTokens(pageTokens),
            "--threads",
            "--page-tokens");
    List<Workload> workloads = workloads();
    Exports exports = Exports.checked(json, csv);

    Target target = target(workloads.get(0).shape(), options);
    DeviceInfo device = target.device;
    Progress progress = new Progress(terminal);
    Bench bench =
        new Bench(
            options,
            device,
            sampling,
            seed,
            resident,
            target.timesKernels,
            roofline(device, options, progress),
            progress);
    TextReport report =
        new TextReport(terminal.out(), device, sampling, resident, target.timesKernels);
    List<Result> results = run(bench, workloads, report);

    int code = verdict(target.tolerance, results);
    exports.write(commandLine(), results);
    return code;
  }

  private List<Workload> workloads() {
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("--method names none: choose hydragen, flash or both");
    }
    if (suite == null) {
      return List.of(one.workload(dtype, layers));
    }
    for (String name : WorkloadOptions.NAMES) {
      if (parsed().hasMatchedOption(name)) {
        throw new IllegalArgumentException(
            "--suite sets " + name + " by itself: drop one of the two");
      }
    }
    return suite.workloads(dtype, layers);
  }

  private ParseResult parsed() {
    return Objects.requireNonNull(spec).commandLine().getParseResult();
  }

  /** What will compute, and how exactly. */
  private record Target(DeviceInfo device, double tolerance, boolean timesKernels) {}

  /** Says early what is not available or not supported. */
  private Target target(AttentionShape shape, EngineOptions options) {
    try (AttentionEngine engine = AttentionEngine.open(shape, options.withStorage(dtype))) {
      if (resident) {
        checkResident(engine);
      }
      return new Target(engine.device(), engine.tolerance(), engine.timeKernels(true));
    }
  }

  private void checkResident(AttentionEngine engine) {
    List<ResidentStep.Layer> step =
        Stream.generate(() -> new ResidentStep.Layer(engine.batch(1, 1), null))
            .limit(layers)
            .toList();
    try {
      engine.residentStep(step).close();
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      throw new IllegalArgumentException("--resident: " + e.getMessage(), e);
    }
  }

  private Optional<Roofline> roofline(DeviceInfo device, EngineOptions options, Progress progress) {
    progress.show("measuring the machine's limits", 0);
    try {
      Backends.calibrate(options.withStorage(dtype), calibrate);
      return LimitsCache.ofUser()
          .get(device, threads, calibrate, () -> Backends.measureLimits(options))
          .map(Roofline::new);
    } finally {
      progress.close();
    }
  }

  private List<Result> run(Bench bench, List<Workload> workloads, TextReport report) {
    report.header(workloads, methods);
    List<Result> results = new ArrayList<>();
    for (Workload workload : workloads) {
      List<Result> row = new ArrayList<>();
      for (Method method : EnumSet.copyOf(methods)) {
        Result result = bench.run(workload, method);
        noteSkipped(result);
        row.add(result);
      }
      if (suite != null) {
        report.suiteRow(workload, row);
      } else {
        report.table(row);
      }
      if (explain) {
        report.plan(row);
      }
      results.addAll(row);
    }
    return results;
  }

  /** A baseline that does not fit is part of the picture; what was asked for is not. */
  private void noteSkipped(Result result) {
    if (result.skipped() == null) {
      return;
    }
    if (result.method() == Method.HYDRAGEN && suite == null) {
      throw new IllegalStateException(result.skipped());
    }
    terminal
        .err()
        .println("hydragen: " + result.method().title() + " does not fit: " + result.skipped());
  }

  private int verdict(double tolerance, List<Result> results) {
    int code = ExitCode.DONE;
    for (Result result : results) {
      Result.Measurement measured = result.measured();
      if (measured != null && !(measured.error().relative() <= tolerance)) {
        terminal
            .err()
            .println(
                "hydragen: "
                    + result.method().title()
                    + " differs from the exact reference by "
                    + Units.scientific(measured.error().relative())
                    + ", more than "
                    + Units.scientific(tolerance)
                    + ": "
                    + result.workload().describe());
        code = ExitCode.DIFFERS;
      }
    }
    return code;
  }

  private String commandLine() {
    return "hydragen "
        + String.join(
            " ", Objects.requireNonNull(spec).root().commandLine().getParseResult().originalArgs());
  }
}
