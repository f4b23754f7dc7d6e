package io.github.hydragen.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A writer in UTF-8 that keeps why it failed; a {@link PrintWriter} only keeps that it did. */
final class Output extends PrintWriter {
  private final Target target;

  Output(OutputStream stream) {
    this(new Target(stream));
  }

  private Output(Target target) {
    super(target, true, StandardCharsets.UTF_8);
    this.target = target;
  }

  /** Why the first write that failed did so, or null. */
  @Nullable String reason() {
    IOException first = target.first;
    return first == null ? null : first.getMessage();
  }

  private static final class Target extends OutputStream {
    private final OutputStream stream;
    private @Nullable IOException first;

    Target(OutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        stream.write(bytes, offset, length);
      } catch (IOException e) {
        first = first == null ? e : first;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }
  }
}
