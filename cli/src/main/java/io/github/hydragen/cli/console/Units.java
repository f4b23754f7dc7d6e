package io.github.hydragen.cli.console;

import java.util.Locale;

/** Numbers for people. */
public final class Units {
  private static final double GIB = 1L << 30;
  private static final double MIB = 1L << 20;

  private Units() {}

  /** Bytes in GiB, or in MiB below a tenth of one. */
  public static String bytes(long bytes) {
    return bytes >= 0.1 * GIB
        ? String.format(Locale.ROOT, "%.2f GiB", bytes / GIB)
        : String.format(Locale.ROOT, "%.2f MiB", bytes / MIB);
  }

  /** Three significant digits, or all digits before the point. */
  public static String number(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  /** Microseconds in milliseconds, or as they are below a tenth of one. */
  public static String micros(double micros) {
    return micros >= 100 ? number(micros / 1000) + " ms" : number(micros) + " us";
  }

  /** A small number with its exponent. */
  public static String scientific(double value) {
    return String.format(Locale.ROOT, "%.1e", value);
  }
}
