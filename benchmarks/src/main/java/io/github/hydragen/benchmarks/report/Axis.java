package io.github.hydragen.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where values lie on a line of pixels.
 *
 * @param from the value at the first pixel
 * @param to the value at the last pixel
 * @param logarithmic whether equal factors are equally far apart
 * @param start the first pixel
 * @param end the last pixel
 */
record Axis(double from, double to, boolean logarithmic, double start, double end) {
  private static final int TICKS = 5;

  /** From 0 to a round number that is not below the largest value. */
  static Axis linear(double largest, double start, double end) {
    double step = step(largest);
    return new Axis(0, step * Math.max(1, Math.ceil(largest / step)), false, start, end);
  }

  /** From power to power of ten around all values. */
  static Axis logarithmic(double least, double largest, double start, double end) {
    double from = Math.pow(10, Math.floor(Math.log10(least)));
    double to = Math.pow(10, Math.ceil(Math.log10(largest)));
    return new Axis(from, Math.max(to, 10 * from), true, start, end);
  }

  /** 1, 2 or 5 times a power of ten, so that about five fit. */
  private static double step(double largest) {
    double rough = Math.max(largest, 1e-9) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  double at(double value) {
    double part =
        logarithmic
            ? Math.log10(value / from) / Math.log10(to / from)
            : (value - from) / (to - from);
    return start + part * (end - start);
  }

  /** Round values along the axis. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (double tick = from; tick <= to * 1.001; tick *= 10) {
        ticks.add(tick);
      }
    } else {
      double step = step(to);
      for (int i = 0; i * step <= to * 1.001; i++) {
        ticks.add(i * step);
      }
    }
    return ticks;
  }

  static String label(double tick) {
    return tick == Math.rint(tick)
        ? String.format(Locale.ROOT, "%.0f", tick)
        : String.format(Locale.ROOT, "%.4g", tick).replaceAll("0+$", "");
  }
}
