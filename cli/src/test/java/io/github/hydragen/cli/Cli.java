package io.github.hydragen.cli;

import io.github.hydragen.cli.console.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
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

  /** Runs {@code hydragen} with an output that takes no more than so many bytes. */
  public static Result runIntoFullDevice(int room, String... args) {
    FullDevice device = new FullDevice(room);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Main.run(Terminal.of(device, err, false), args);
    return new Result(code, device.written(), err.toString(StandardCharsets.UTF_8));
  }

  private static final class FullDevice extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final int room;

    FullDevice(int room) {
      this.room = room;
    }

    String written() {
      return written.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void write(int b) throws IOException {
      if (written.size() == room) {
        throw new IOException("No space left on device");
      }
      written.write(b);
    }
  }

  /** Runs {@code hydragen} with these arguments. */
  public static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new Terminal(new PrintWriter(out), new PrintWriter(err), false), args);
    return new Result(code, out.toString(), err.toString());
  }
}
