package io.github.hydragen.cli.console;

/** How a command ends. */
public final class ExitCode {
  /** It did what was asked. */
  public static final int DONE = 0;

  /** It could not: no memory, an unwritable file, a defect. */
  public static final int FAILED = 1;

  /** The command line or an input is wrong. */
  public static final int USAGE = 2;

  /** It ran, but a result differs from the exact reference. */
  public static final int DIFFERS = 3;

  /** The backend asked for is not available here. */
  public static final int UNAVAILABLE = 4;

  private ExitCode() {}
}
