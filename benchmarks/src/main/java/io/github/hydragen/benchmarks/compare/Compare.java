package io.github.hydragen.benchmarks.compare;

import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.ScalarLoop;
import io.github.hydragen.benchmarks.compare.Cases.Planned;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.console.Environment;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.ExportFile;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.cpu.CpuLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command that compares this project's engine with its peers. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "Times decode steps of the CPU engine and its peers, in turns.",
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 bad usage, 3 a result differs from the exact reference."
    })
public final class Compare implements Callable<Integer> {
  private static final long SEED = 1337;
  private static final String COMMAND = "java @benchmarks/java.options " + Compare.class.getName();

  private final Terminal terminal;
  private final String line;

  @Option(names = "--quick", description = "One small case of each kind: whether all works.")
  private boolean quick;

  @Option(
      names = "--sections",
      split = ",",
      description = "Only these: ${COMPLETION-CANDIDATES}.",
      paramLabel = "S")
  private List<Section> sections = List.of(Section.values());

  @Option(
      names = "--dtypes",
      split = ",",
      description = "Only these storage types: ${COMPLETION-CANDIDATES}.",
      paramLabel = "T")
  private List<DataType> types = List.of(DataType.values());

  @Option(
      names = "--cases",
      description = "Only cases whose name contains this, for instance '64 x 2048'.",
      paramLabel = "TEXT")
  private String name = "";

  @Option(
      names = "--without",
      split = ",",
      description = "Not these contenders, for instance scalar-loop.",
      paramLabel = "NAME")
  private List<String> without = List.of();

  @Option(
      names = "--threads",
      description = "Threads of each contender (default: ${DEFAULT-VALUE}).",
      paramLabel = "N")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--export-json", description = "Writes all results there.", paramLabel = "FILE")
  private @Nullable Path json;

  private Compare(Terminal terminal, String line) {
    this.terminal = terminal;
    this.line = line;
  }

  /** Runs the process and exits with the command's code. */
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(Terminal.system(), args));
  }

  /** Runs the command and returns its exit code. */
  static int run(Terminal terminal, String... args) {
    String line = COMMAND + " " + String.join(" ", args);
    return new CommandLine(new Compare(terminal, line.strip()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setExecutionExceptionHandler(
            (e, command, result) -> {
              terminal.err().println("compare: " + e.getMessage());
              return e instanceof IllegalArgumentException ? ExitCode.USAGE : ExitCode.FAILED;
            })
        .execute(args);
  }

  @Override
  public Integer call() throws IOException {
    ExportFile export = json == null ? null : ExportFile.checked("--export-json", json);
    List<Peer> peers = peers();
    List<Planned> planned = quick ? Cases.quick(peers, threads) : Cases.full(peers, threads);
    List<Planned> chosen = planned.stream().filter(this::isChosen).toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException("no case is left: choose fewer restrictions");
    }
    List<Result> results = new ArrayList<>();
    Map<DataType, SyntheticTokens> tokens = new EnumMap<>(DataType.class);
    try (CpuLimits limits = new CpuLimits(threads)) {
      Competition competition = new Competition(limits);
      for (Planned p : chosen) {
        SyntheticTokens pool =
            tokens.computeIfAbsent(
                p.c().type(), type -> new SyntheticTokens(SEED, type, longestRow(planned)));
        List<Result> found = competition.run(p.section(), p.c(), pool, p.entries(), p.pace());
        CaseTable.print(terminal.out(), p.section() + ": " + p.c(), found);
        results.addAll(found);
      }
    } finally {
      tokens.values().forEach(SyntheticTokens::close);
    }
    if (export != null) {
      Environment environment = Environment.here();
      export.write(
          new ComparisonFile(1, ComparisonFile.SUITE, environment, line, results).toJson());
    }
    return results.stream().anyMatch(Compare::isWrong) ? ExitCode.DIFFERS : ExitCode.DONE;
  }

  private static int longestRow(List<Planned> planned) {
    return planned.stream().mapToInt(p -> p.c().shape().queryRow()).max().orElseThrow();
  }

  private static boolean isWrong(Result result) {
    return result.skipped() != null && result.maxAbsError() != null;
  }

  private boolean isChosen(Planned p) {
    return sections.contains(p.section())
        && types.contains(p.c().type())
        && p.c().toString().contains(name);
  }

  /** Those on the class path; one that a stale build left behind is named and left out. */
  private List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    Iterator<Peer> found = ServiceLoader.load(Peer.class).iterator();
    while (true) {
      try {
        if (!found.hasNext()) {
          peers.add(new ScalarLoop());
          return peers.stream().filter(peer -> !without.contains(peer.name())).toList();
        }
        peers.add(found.next());
      } catch (ServiceConfigurationError | LinkageError e) {
        terminal.err().println("compare: skipped " + e.getMessage());
      }
    }
  }
}
