package io.github.hydragen.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

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

  /**
   * The terminal's name, where the launcher knows it. The JVM's stderr goes through another process
   * there: progress would be drawn, and cleared, after results that follow it.
   */
  private static final String NAME = "hydragen.terminal";

  /** The streams of the process, in UTF-8. */
  public static Terminal system() {
    return of(
        new FileOutputStream(FileDescriptor.out), messages(), Boolean.getBoolean(INTERACTIVE));
  }

  private static OutputStream messages() {
    String name = System.getProperty(NAME);
    OutputStream messages = new FileOutputStream(FileDescriptor.err);
    try {
      return name == null
          ? messages
          : Files.newOutputStream(Path.of(name), StandardOpenOption.WRITE);
    } catch (IOException | InvalidPathException e) {
      return messages;
    }
  }

  /** Streams, written to in UTF-8. */
  public static Terminal of(OutputStream out, OutputStream err, boolean interactive) {
    return new Terminal(new Output(out), new Output(err), interactive);
  }

  /**
   * Why results could not be written: no exception tells, as a {@link PrintWriter} throws none.
   * What is still held back is written first.
   *
   * @return null if all of them could be
   */
  public @Nullable String outFailure() {
    if (!out.checkError()) {
      return null;
    }
    String reason = out instanceof Output known ? known.reason() : null;
    return reason == null ? "the stream is closed" : reason;
  }
}
