package io.github.hydragen.benchmarks.report;

import io.github.hydragen.cli.console.Table;
import java.util.ArrayList;
import java.util.List;

/** A table whose columns are as wide as their longest cell. */
final class Markdown {
  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  Markdown(String... headings) {
    this.headings = List.of(headings);
  }

  Markdown(List<String> headings) {
    this.headings = List.copyOf(headings);
  }

  void row(List<String> cells) {
    if (cells.size() != headings.size()) {
      throw new IllegalArgumentException(cells + " are not the columns " + headings);
    }
    rows.add(List.copyOf(cells));
  }

  void row(String... cells) {
    row(List.of(cells));
  }

  @Override
  public String toString() {
    if (rows.isEmpty()) {
      return "Not measured.\n";
    }
    List<Integer> widths = new ArrayList<>();
    for (int i = 0; i < headings.size(); i++) {
      int column = i;
      widths.add(rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1));
    }
    Table table = new Table(headings, widths);
    StringBuilder text = new StringBuilder();
    text.append(table.head().replace(System.lineSeparator(), "\n")).append('\n');
    rows.forEach(row -> text.append(table.row(row)).append('\n'));
    return text.toString();
  }
}
