package io.github.hydragen.cli.bench;

import io.github.hydragen.cli.bench.Result.Measurement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Results as CSV (RFC 4180), a line each; what was not measured is empty. */
final class CsvReport {
  private static final List<String> COLUMNS =
      List.of(
          "method",
          "backend",
          "device",
          "batch",
          "prefix",
          "output",
          "queryHeads",
          "kvHeads",
          "headDim",
          "dtype",
          "layers",
          "resident",
          "tokensPerSecond",
          "stepMicrosMedian",
          "stepMicrosP10",
          "stepMicrosP90",
          "kernelMicros",
          "peakBytes",
          "kvBytes",
          "maxAbsError",
          "rooflineFraction",
          "skipped");
  private static final int MEASURED = 9;

  private CsvReport() {}

  static String of(List<Result> results) {
    StringBuilder csv = new StringBuilder(line(COLUMNS));
    results.forEach(result -> csv.append(line(cells(result))));
    return csv.toString();
  }

  private static List<String> cells(Result result) {
    Workload workload = result.workload();
    List<String> cells = new ArrayList<>();
    cells.add(result.method().name().toLowerCase(Locale.ROOT));
    cells.add(result.device().name());
    cells.add(result.device().description());
    for (int number :
        new int[] {
          workload.batch(),
          workload.prefix(),
          workload.output(),
          workload.shape().queryHeads(),
          workload.shape().kvHeads(),
          workload.shape().headDim()
        }) {
      cells.add(String.valueOf(number));
    }
    cells.add(workload.dtype().name().toLowerCase(Locale.ROOT));
    cells.add(String.valueOf(workload.layers()));
    cells.add(String.valueOf(result.resident()));
    Measurement measured = result.measured();
    cells.addAll(measured == null ? Collections.nCopies(MEASURED, "") : cells(measured));
    cells.add(result.skipped() == null ? "" : result.skipped());
    return cells;
  }

  private static List<String> cells(Measurement measured) {
    Double roofline = measured.rooflineFraction();
    return List.of(
        String.valueOf(measured.tokensPerSecond()),
        String.valueOf(measured.times().percentile(0.5)),
        String.valueOf(measured.times().percentile(0.1)),
        String.valueOf(measured.times().percentile(0.9)),
        kernels(measured),
        String.valueOf(measured.peakBytes()),
        String.valueOf(measured.kvBytes()),
        String.valueOf(measured.error().out()),
        roofline == null ? "" : String.valueOf(roofline));
  }

  /** A number for each sampled step in one cell, or nothing. */
  private static String kernels(Measurement measured) {
    List<Double> micros = measured.kernelMicros();
    return micros == null
        ? ""
        : micros.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private static String line(List<String> cells) {
    return cells.stream().map(CsvReport::quote).collect(Collectors.joining(",", "", "\r\n"));
  }

  private static String quote(String cell) {
    return cell.matches("(?s).*[\",\r\n].*") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
