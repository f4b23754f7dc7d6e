package io.github.hydragen.cli.verify;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.Backends;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.WorstError;
import io.github.hydragen.cli.console.BackendName;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.GivenNames;
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
      "Each line ends with the command that repeats its case. SKIP is what a backend does not support."
    },
    footer = {
      "",
      "Examples:",
      "  ./hydragen verify",
      "  ./hydragen verify --backend cpu --case 8x2x128-bf16-tree"
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final long DEFAULT_SEED = 1337;

  private final Terminal terminal;
  private int passed;
  private int failed;
  private int skipped;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      converter = BackendName.class,
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
  private long seed = DEFAULT_SEED;

  @Option(
      names = "--page-tokens",
      paramLabel = "N",
      description = "Stores suffixes in pages of so many tokens (default: 0, reserved instead).")
  private int pageTokens;

  /** Writes to a terminal. */
  public VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<VerifyCase> cases = cases();
    EngineOptions paged =
        GivenNames.in(() -> EngineOptions.defaults().withPageTokens(pageTokens), "--page-tokens");
    for (String each : backends()) {
      for (VerifyCase verified : cases) {
        verify(paged.withBackend(each), each, verified);
        if (terminal.outFailure() != null) {
          return failed == 0 ? ExitCode.FAILED : ExitCode.DIFFERS; // Its reader is gone.
        }
      }
    }
    String skips = skipped == 0 ? "" : ", " + skipped + " skipped";
    terminal.out().println(passed + " passed, " + failed + " failed" + skips);
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
          "--case %s is not in the grid: %s; verify without --case prints each"
              .formatted(name, VerifyCase.names()));
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

  private void verify(EngineOptions base, String on, VerifyCase verified) {
    EngineOptions options = verified.layout().options().apply(base.withStorage(verified.dtype()));
    try (AttentionEngine engine = AttentionEngine.open(verified.shape(), options)) {
      verify(on, verified, engine);
    } catch (IllegalArgumentException e) {
      skipped++;
      report("SKIP", on, verified, String.valueOf(e.getMessage()));
    }
  }

  private void verify(String on, VerifyCase verified, AttentionEngine engine) {
    int longestRow = verified.shape().queryRow();
    try (SyntheticTokens tokens = new SyntheticTokens(seed, verified.dtype(), longestRow);
        CaseRun run = new CaseRun(verified, engine, tokens)) {
      WorstError worst = run.run();
      boolean pass = worst.relative() <= engine.tolerance();
      passed += pass ? 1 : 0;
      failed += pass ? 0 : 1;
      String finding = "worst error " + Units.scientific(worst.relative());
      report(pass ? "PASS" : "FAIL", on, verified, finding);
    } catch (IllegalStateException | UnsupportedOperationException | IndexOutOfBoundsException e) {
      failed++;
      report("FAIL", on, verified, e.toString());
    }
  }

  private void report(String verdict, String on, VerifyCase verified, String finding) {
    String seedOption = seed == DEFAULT_SEED ? "" : " --seed " + seed;
    String pages = pageTokens == 0 ? "" : " --page-tokens " + pageTokens;
    terminal
        .out()
        .printf(
            "%s  %-26s %s  ./hydragen verify --backend %s --case %s%s%s%n",
            verdict, verified.name(), finding, on, verified.name(), seedOption, pages);
  }
}
