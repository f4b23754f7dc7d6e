package io.github.hydragen.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err messages and progress
 * @param interactive whether a person watches {@code err}, so that progress may be drawn
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {
  /** Set by the launcher, which can ask whether stderr is a terminal; Java can not. */
  private static final String INTERACTIVE = "hydragen.interactive";

  /** The streams of the process, in UTF-8. */
  public static Terminal system() {
    return new Terminal(
        writer(FileDescriptor.out), writer(FileDescriptor.err), Boolean.getBoolean(INTERACTIVE));
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
