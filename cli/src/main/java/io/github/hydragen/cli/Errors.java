package io.github.hydragen.cli;

import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.cli.console.ExitCode;
import java.io.PrintWriter;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns exceptions into one line on stderr and an exit code.
 *
 * <p>An {@link IllegalArgumentException} is bad input, {@link BackendUnavailableException} a
 * missing backend, anything else a failure. {@code --stacktrace} adds the stack trace.
 */
final class Errors implements IExecutionExceptionHandler, IParameterExceptionHandler {
  static final String STACKTRACE = "--stacktrace";

  private final PrintWriter err;
  private final boolean stacktrace;

  Errors(PrintWriter err, String[] args) {
    this.err = err;
    this.stacktrace = Arrays.asList(args).contains(STACKTRACE);
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    return report(e, e.getMessage() + " (see " + command + " --help)", ExitCode.USAGE);
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult result) {
    return report(e);
  }

  /** Reports what stopped a command. */
  int report(Throwable e) {
    if (e instanceof IllegalArgumentException) {
      return report(e, message(e), ExitCode.USAGE);
    }
    if (e instanceof BackendUnavailableException) {
      return report(e, message(e), ExitCode.UNAVAILABLE);
    }
    return report(e, message(e), ExitCode.FAILED);
  }

  private static String message(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName() + " (" + STACKTRACE + " shows where)"
        : message;
  }

  private int report(Throwable e, String message, int code) {
    err.println("hydragen: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
    if (stacktrace) {
      e.printStackTrace(err);
    }
    err.flush();
    return code;
  }
}
