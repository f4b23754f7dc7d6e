package io.github.hydragen.cli;

import io.github.hydragen.cli.console.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** Runs commands in this JVM and keeps what they wrote. */
public final class Cli {
  /**
   * How a command ended.
   *
   * @param code the exit code
   * @param out stdout
   * @param err stderr
   */
  public record Result(int code, String out, String err) {
    /** The lines of stderr. */
    public List<String> errLines() {
      return err.lines().toList();
    }
  }

  private Cli() {}

  /** Runs {@code hydragen} with these arguments. */
  public static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new Terminal(new PrintWriter(out), new PrintWriter(err), false), args);
    return new Result(code, out.toString(), err.toString());
  }
}
