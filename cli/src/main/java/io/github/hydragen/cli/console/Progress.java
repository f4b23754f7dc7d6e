package io.github.hydragen.cli.console;

/** A bar on stderr, drawn only where a person watches. */
public final class Progress implements AutoCloseable {
  private static final int WIDTH = 30;
  private static final long PAUSE_NANOS = 100_000_000;

  private final Terminal terminal;
  private String shown = "";
  private long drawn = System.nanoTime() - PAUSE_NANOS;

  /** For a terminal. */
  public Progress(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Shows how far a task is.
   *
   * @param task a few words
   * @param done the part that is done, 0 to 1
   */
  public void show(String task, double done) {
    if (!terminal.interactive() || System.nanoTime() - drawn < PAUSE_NANOS) {
      return;
    }
    drawn = System.nanoTime();
    int full = (int) Math.round(WIDTH * Math.min(1, done));
    String bar = "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "] " + task;
    replace(bar);
  }

  /** Removes the bar. */
  @Override
  public void close() {
    if (!shown.isEmpty()) {
      replace("");
    }
  }

  private void replace(String line) {
    String blank = " ".repeat(Math.max(0, shown.length() - line.length()));
    terminal.err().print("\r" + line + blank + (line.isEmpty() ? "\r" : ""));
    terminal.err().flush();
    shown = line;
  }
}
