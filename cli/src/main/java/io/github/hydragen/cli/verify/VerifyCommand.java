package io.github.hydragen.cli.verify;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.Backends;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.Tolerance;
import io.github.hydragen.cli.check.WorstError;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.cli.console.Units;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares backends with the exact reference. */
@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Compares every available backend, or the one named, with the exact reference (double"
          + " precision) over a grid of head layouts, storage types and ways to share prefixes.",
      "Each line ends with the command that repeats its case."
    },
    footer = {
      "",
      "Examples:",
      "  ./hydragen verify",
      "  ./hydragen verify --backend cpu --case 8x2x128-bf16-tree"
    })
public final class VerifyCommand implements Callable<Integer> {
  private final Terminal terminal;
  private int passed;
  private int failed;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "A name that 'hydragen devices' lists (default: all that are available).")
  private @Nullable String backend;

  @Option(
      names = "--case",
      paramLabel = "NAME",
      description = "One case of the grid, as a line of the output names it.")
  private @Nullable String name;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the random keys, values and queries (default: 1337).")
  private long seed = 1337;

  /** Writes to a terminal. */
  public VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<VerifyCase> cases = cases();
    for (String each : backends()) {
      for (VerifyCase verified : cases) {
        verify(each, verified);
      }
    }
    terminal.out().println(passed + " passed, " + failed + " failed");
    return failed == 0 ? ExitCode.DONE : ExitCode.DIFFERS;
  }

  private List<VerifyCase> cases() {
    List<VerifyCase> grid = VerifyCase.grid();
    if (name == null) {
      return grid;
    }
    List<VerifyCase> chosen = grid.stream().filter(c -> c.name().equals(name)).toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "--case " + name + " is not in the grid: it has cases like " + grid.get(0).name());
    }
    return chosen;
  }

  private List<String> backends() {
    if (backend != null) {
      return List.of(backend);
    }
    return Backends.providers().stream()
        .filter(p -> p.availability().available())
        .map(AttentionBackendProvider::name)
        .toList();
  }

  private void verify(String on, VerifyCase verified) {
    EngineOptions options =
        verified
            .layout()
            .options()
            .apply(EngineOptions.defaults().withBackend(on).withStorage(verified.dtype()));
    int longestRow = verified.shape().queryRow();
    try (AttentionEngine engine = AttentionEngine.open(verified.shape(), options);
        SyntheticTokens tokens = new SyntheticTokens(seed, verified.dtype(), longestRow);
        CaseRun run = new CaseRun(verified, engine, tokens)) {
      WorstError worst = run.run();
      boolean pass = worst.relative() <= Tolerance.of(engine.device());
      report(pass, on, verified, "worst error " + Units.scientific(worst.relative()));
    } catch (IllegalStateException | UnsupportedOperationException | IndexOutOfBoundsException e) {
      report(false, on, verified, e.toString());
    }
  }

  private void report(boolean pass, String on, VerifyCase verified, String finding) {
    passed += pass ? 1 : 0;
    failed += pass ? 0 : 1;
    String seedOption = seed == 1337 ? "" : " --seed " + seed;
    terminal
        .out()
        .printf(
            "%s  %-26s %s  ./hydragen verify --backend %s --case %s%s%n",
            pass ? "PASS" : "FAIL", verified.name(), finding, on, verified.name(), seedOption);
    terminal.out().flush();
  }
}
