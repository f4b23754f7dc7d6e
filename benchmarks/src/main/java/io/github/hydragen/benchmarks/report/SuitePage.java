package io.github.hydragen.benchmarks.report;

import io.github.hydragen.benchmarks.report.SuiteFile.Configuration;
import io.github.hydragen.benchmarks.report.SuiteFile.Limits;
import io.github.hydragen.cli.console.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tokens a second of several files on one device, side by side, with the device's limit. */
final class SuitePage {
  private final Page page;
  private final TreeMap<String, SuiteFile> files;
  private final Set<String> columns = new LinkedHashSet<>();
  private final Map<String, Map<String, Configuration>> rows = new LinkedHashMap<>();

  private SuitePage(String group, Map<String, SuiteFile> files) {
    this.page = new Page(group);
    this.files = new TreeMap<>(files);
    for (SuiteFile file : this.files.values()) {
      for (Configuration c : file.results()) {
        String column = c.backend() + ", " + c.method();
        columns.add(column);
        rows.computeIfAbsent(c.name(), name -> new LinkedHashMap<>()).put(column, c);
      }
    }
  }

  /**
   * Joins files.
   *
   * @param files by name; the order of names is that of the columns
   */
  static Page of(String group, Map<String, SuiteFile> files) {
    SuitePage made = new SuitePage(group, files);
    made.environment();
    made.speeds();
    made.errors();
    return made.page;
  }

  private @Nullable Limits limits() {
    return files.values().stream()
        .map(SuiteFile::limits)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private void environment() {
    StringBuilder text = new StringBuilder("| | |\n|-|-|\n");
    files.forEach(
        (name, file) -> {
          String device = file.results().isEmpty() ? "" : file.results().get(0).device();
          text.append("| ").append(name).append(" | ").append(device).append("; ");
          text.append(file.environment().cpu()).append("; JDK ").append(file.environment().java());
          text.append("; commit ").append(file.environment().commit()).append("; ");
          text.append(file.environment().date()).append("; `").append(file.command());
          text.append("` |\n");
        });
    Limits limits = limits();
    if (limits != null) {
      text.append("| Limits | ").append(Units.number(limits.flopsPerSecond() / 1e12));
      text.append(" TFLOP/s, ").append(Units.number(limits.bytesPerSecond() / 1e9));
      text.append(" GB/s: ").append(limits.source()).append(" |\n");
    }
    page.part("environment", text.toString());
  }

  private void speeds() {
    Limits limits = limits();
    List<String> headings = new ArrayList<>(List.of("Tokens/s"));
    headings.addAll(columns);
    headings.add("Limit");
    Markdown table = new Markdown(headings);
    DotPlot plot = new DotPlot("Decoding speed", "tokens/s", true);
    rows.forEach(
        (name, row) -> {
          List<String> cells = new ArrayList<>(List.of(name));
          for (String column : columns) {
            cells.add(speed(row.get(column)));
            Configuration c = row.get(column);
            if (c != null && c.tokensPerSecond() != null) {
              plot.add(name, column, c.tokensPerSecond());
            }
          }
          if (limits == null) {
            cells.add("–");
          } else {
            double limit = row.values().iterator().next().limit(limits);
            cells.add(Units.number(limit));
            plot.add(name, "limit", limit);
          }
          table.row(cells);
        });
    page.part("speed", page.picture("speed", "Decoding speed", plot.draw()) + "\n" + table);
  }

  private static String speed(@Nullable Configuration c) {
    if (c == null) {
      return "–";
    }
    Double speed = c.tokensPerSecond();
    return speed == null ? Objects.requireNonNullElse(c.skipped(), "–") : Units.number(speed);
  }

  private void errors() {
    List<String> headings = new ArrayList<>(List.of("Largest error of an output"));
    headings.addAll(columns);
    Markdown table = new Markdown(headings);
    rows.forEach(
        (name, row) -> {
          List<String> cells = new ArrayList<>(List.of(name));
          for (String column : columns) {
            Configuration c = row.get(column);
            Double error = c == null ? null : c.maxAbsError();
            cells.add(error == null ? "–" : Units.scientific(error));
          }
          table.row(cells);
        });
    page.part("error", table.toString());
  }
}
