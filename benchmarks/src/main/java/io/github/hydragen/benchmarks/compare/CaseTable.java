package io.github.hydragen.benchmarks.compare;

import io.github.hydragen.cli.console.Table;
import io.github.hydragen.cli.console.Units;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints the results of one case. */
final class CaseTable {
  private static final Table TABLE =
      new Table(
          List.of(
              "",
              "Threads",
              "Median",
              "p10",
              "p90",
              "p99",
              "Of ours",
              "GFLOP/s",
              "Of FMA",
              "GB/s",
              "Of read",
              "Error, out",
              "Error, lse"),
          List.of(17, 7, 8, 8, 8, 8, 7, 7, 6, 6, 7, 10, 10));

  private CaseTable() {}

  static void print(PrintWriter out, String title, List<Result> results) {
    Result first = results.get(0);
    out.println();
    out.printf(
        Locale.ROOT,
        "%s (FMA %.0f GFLOP/s, read %.1f GB/s)%n",
        title,
        first.limits().flopsPerSecond() / 1e9,
        first.limits().bytesPerSecond() / 1e9);
    out.println(TABLE.head());
    for (Result result : results) {
      out.println(row(result, first) + notes(result));
    }
    out.flush();
  }

  private static String notes(Result result) {
    String skipped = result.skipped();
    return skipped != null
        ? " skipped: " + skipped
        : result.choice().isEmpty() ? "" : " " + result.choice();
  }

  private static String row(Result result, Result ours) {
    Result.StepMicros micros = result.stepMicros();
    if (micros == null) {
      return TABLE.row(List.of(result.contender(), "", "", "", "", "", "", "", "", "", "", "", ""));
    }
    double flops = result.flops() / micros.median() * 1e6;
    boolean shared = !result.contender().endsWith("unshared");
    double bytes = (shared ? result.bytes() : result.unsharedBytes()) / micros.median() * 1e6;
    Result.StepMicros first = ours.stepMicros();
    return TABLE.row(
        List.of(
            result.contender(),
            String.valueOf(result.threads()),
            Units.micros(micros.median()),
            Units.micros(micros.p10()),
            Units.micros(micros.p90()),
            Units.micros(micros.p99()),
            first == null ? "" : Units.number(micros.median() / first.median()) + "x",
            Units.number(flops / 1e9),
            percent(flops / result.limits().flopsPerSecond()),
            Units.number(bytes / 1e9),
            percent(bytes / result.limits().bytesPerSecond()),
            error(result.maxAbsError()),
            error(result.maxLseError())));
  }

  private static String percent(double share) {
    return Math.round(100 * share) + "%";
  }

  private static String error(@Nullable Double error) {
    return error == null ? "" : Units.scientific(error);
  }
}
