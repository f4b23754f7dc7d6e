package io.github.hydragen.cli.bench;

import io.github.hydragen.cli.console.Environment;
import io.github.hydragen.cli.console.ExportFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The files that results go to, each of which may not be wanted. */
final class Exports {
  private final @Nullable ExportFile json;
  private final @Nullable ExportFile csv;

  private Exports(@Nullable ExportFile json, @Nullable ExportFile csv) {
    this.json = json;
    this.csv = csv;
  }

  /**
   * Checks that they can be written, each without the other's harm.
   *
   * @throws IllegalArgumentException if they cannot
   */
  static Exports checked(@Nullable Path json, @Nullable Path csv) {
    ExportFile jsonFile = json == null ? null : ExportFile.checked("--export-json", json);
    ExportFile csvFile = csv == null ? null : ExportFile.checked("--export-csv", csv);
    if (jsonFile != null && csvFile != null && jsonFile.isSame(csvFile)) {
      throw new IllegalArgumentException(
          "--export-json and --export-csv are both " + csv + ": name two files");
    }
    return new Exports(jsonFile, csvFile);
  }

  /**
   * Writes what is wanted; where one fails the other is written all the same, as the run may have
   * taken hours.
   *
   * @throws IOException with what is wrong with each that failed
   */
  void write(String command, List<Result> results) throws IOException {
    List<IOException> failures = new ArrayList<>();
    if (json != null) {
      write(json, JsonReport.of(Environment.here(), command, results), failures);
    }
    if (csv != null) {
      write(csv, CsvReport.of(results), failures);
    }
    if (!failures.isEmpty()) {
      String all = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
      throw new IOException(all, failures.getFirst());
    }
  }

  private static void write(ExportFile file, String text, List<IOException> failures) {
    try {
      file.write(text);
    } catch (IOException e) {
      failures.add(e);
    }
  }
}
