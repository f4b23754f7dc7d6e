package io.github.hydragen.cli.bench;

import io.github.hydragen.cli.console.Environment;
import io.github.hydragen.cli.console.ExportFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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

  /** Writes what is wanted. */
  void write(String command, List<Result> results) throws IOException {
    if (json != null) {
      json.write(JsonReport.of(Environment.here(), command, results));
    }
    if (csv != null) {
      csv.write(CsvReport.of(results));
    }
  }
}
