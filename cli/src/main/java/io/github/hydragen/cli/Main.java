package io.github.hydragen.cli;

import io.github.hydragen.cli.attend.AttendCommand;
import io.github.hydragen.cli.bench.BenchCommand;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.PathName;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.cli.console.Version;
import io.github.hydragen.cli.verify.VerifyCommand;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code hydragen}. A subcommand is registered in {@link #commandLine}. */
@Command(
    name = "hydragen",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    description = "Exact attention over batches of sequences that share prefixes.",
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 results differ from the exact"
          + " reference, 4 backend not available.",
      "",
      "Examples:",
      "  ./hydragen bench --batch 256 --prefix 2048",
      "  ./hydragen verify",
      "  ./hydragen devices"
    })
public final class Main implements Runnable {
  private final CommandLine commandLine = new CommandLine(this);

  @Option(
      names = Errors.STACKTRACE,
      scope = ScopeType.INHERIT,
      description = "Shows the stack trace of an error.")
  @SuppressWarnings("UnusedVariable") // Errors looks for it itself: parsing may have failed.
  private boolean stacktrace;

  private Main() {}

  /** Runs the process and exits with the command's code. */
  public static void main(String[] args) {
    // Numbers look alike everywhere: they are read by programs too.
    Locale.setDefault(Locale.ROOT);
    Terminal terminal = Terminal.system();
    int code = run(terminal, args);
    terminal.err().flush();
    System.exit(code);
  }

  /**
   * Runs one command.
   *
   * @return the exit code, see {@link io.github.hydragen.cli.console.ExitCode}
   */
  public static int run(Terminal terminal, String... args) {
    Errors errors = new Errors(terminal.err(), args);
    CommandLine commandLine = commandLine(terminal);
    commandLine.setParameterExceptionHandler(errors).setExecutionExceptionHandler(errors);
    int code;
    try {
      code = commandLine.execute(args);
    } catch (OutOfMemoryError | LinkageError e) {
      code = errors.report(e);
    }
    return written(terminal, code);
  }

  /** Results that nobody could read are a failure; a command that failed keeps its own code. */
  private static int written(Terminal terminal, int code) {
    String failure = terminal.outFailure();
    if (failure == null) {
      return code;
    }
    terminal.err().println("hydragen: the output could not be written: " + failure);
    return code == ExitCode.DONE ? ExitCode.FAILED : code;
  }

  static CommandLine commandLine(Terminal terminal) {
    return new Main()
        .commandLine
        .addSubcommand(new BenchCommand(terminal))
        .addSubcommand(new VerifyCommand(terminal))
        .addSubcommand(new AttendCommand(terminal))
        .addSubcommand(new DevicesCommand(terminal))
        .addSubcommand(new CompletionCommand(terminal))
        .registerConverter(Path.class, new PathName())
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(100)
        .setUsageHelpLongOptionsMaxWidth(30);
  }

  @Override
  public void run() {
    throw new ParameterException(commandLine, "choose a command: " + commands());
  }

  private String commands() {
    return String.join(", ", commandLine.getSubcommands().keySet());
  }
}
