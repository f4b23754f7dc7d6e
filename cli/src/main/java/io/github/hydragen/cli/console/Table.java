package io.github.hydragen.cli.console;

import java.util.List;

/** A table in Markdown whose columns keep their width, so that rows can be printed as they come. */
public final class Table {
  private final List<String> headings;
  private final List<Integer> widths;

  /**
   * A table.
   *
   * @param headings of the columns; the first is aligned left, the others right
   * @param widths least widths in characters
   */
  public Table(List<String> headings, List<Integer> widths) {
    this.headings = List.copyOf(headings);
    this.widths = List.copyOf(widths);
  }

  /** The heading and the rule below it. */
  public String head() {
    StringBuilder rule = new StringBuilder("|");
    for (int i = 0; i < widths.size(); i++) {
      rule.append("-".repeat(width(i) + 1)).append(i == 0 ? "-|" : ":|");
    }
    return row(headings) + System.lineSeparator() + rule;
  }

  /** One row. */
  public String row(List<String> cells) {
    StringBuilder row = new StringBuilder("|");
    for (int i = 0; i < widths.size(); i++) {
      String pad = " ".repeat(Math.max(0, width(i) - cells.get(i).length()));
      row.append(' ').append(i == 0 ? cells.get(i) + pad : pad + cells.get(i)).append(" |");
    }
    return row.toString();
  }

  private int width(int column) {
    return Math.max(widths.get(column), headings.get(column).length());
  }
}
