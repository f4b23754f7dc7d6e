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
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares backends with the exact reference. */
@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Compares every available backend, or the one named, with the exact reference (double"
          + " precision) over a grid of head layouts, storage types and ways to share prefixes.",
      "With --random, over random cases instead: ragged batches, trees of prefixes, prompts, decode"
          + " steps and options.",
      "Each line ends with the command that repeats its case. SKIP is what a backend does not support."
    },
    footer = {
      "",
      "Examples:",
      "  ./hydragen verify",
      "  ./hydragen verify --backend cpu --case 8x2x128-bf16-tree",
      "  ./hydragen verify --backend cpu --random 100"
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final long DEFAULT_SEED = 1337;
  private static final int MOST_RANDOM = 1_000_000;

  private final Terminal terminal;
  private int passed;
  private int failed;
  private int skipped;

  /** Cases other than the grid. */
  private static final class Choice {
    @Option(
        names = "--case",
        paramLabel = "NAME",
        description = "One case, as a line of the output names it.")
    private @Nullable String name;

    @Option(names = "--random", paramLabel = "N", description = "N random cases, 1 to 1000000.")
    private @Nullable Integer random;
  }

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      converter = BackendName.class,
      description = "A name that 'hydragen devices' lists (default: all that are available).")
  private @Nullable String backend;

  @ArgGroup private @Nullable Choice choice;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of the random keys, values and queries, and number of the first random case"
              + " (default: 1337).")
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
    EngineOptions paged =
        GivenNames.in(() -> EngineOptions.defaults().withPageTokens(pageTokens), "--page-tokens");
    for (String each : backends()) {
      for (VerifyCase verified : (Iterable<VerifyCase>) cases()::iterator) {
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

  private Stream<VerifyCase> cases() {
    if (choice == null) {
      return VerifyCase.grid().stream();
    }
    return choice.name == null ? randomCases(choice.random) : Stream.of(named(choice.name));
  }

  private Stream<VerifyCase> randomCases(@Nullable Integer count) {
    if (count == null || count < 1 || count > MOST_RANDOM) {
      throw new IllegalArgumentException(
          "--random %d is out of range: choose 1 to %d".formatted(count, MOST_RANDOM));
    }
    return LongStream.range(0, count).mapToObj(i -> RandomCase.of(seed + i));
  }

  private static VerifyCase named(String name) {
    OptionalLong number = RandomCase.number(name);
    if (number.isPresent()) {
      return RandomCase.of(number.getAsLong());
    }
    return VerifyCase.grid().stream()
        .filter(c -> c.name().equals(name))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--case %s is not in the grid: %s; verify without --case prints each"
                        .formatted(name, VerifyCase.names())));
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
    try (SyntheticTokens tokens =
            new SyntheticTokens(seed(verified), verified.dtype(), longestRow);
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

  /** Of a random case it is in its name. */
  private long seed(VerifyCase verified) {
    return RandomCase.number(verified.name()).orElse(seed);
  }

  private void report(String verdict, String on, VerifyCase verified, String finding) {
    boolean named = RandomCase.number(verified.name()).isPresent();
    String seedOption = named || seed == DEFAULT_SEED ? "" : " --seed " + seed;
    String found = named ? finding + " (" + verified.description() + ")" : finding;
    String pages = pageTokens == 0 ? "" : " --page-tokens " + pageTokens;
    terminal
        .out()
        .printf(
            "%s  %-26s %s  ./hydragen verify --backend %s --case %s%s%s%n",
            verdict, verified.name(), found, on, verified.name(), seedOption, pages);
  }
}
