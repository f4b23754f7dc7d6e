package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.cli.console.Environment;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** The report for people: Markdown between two marks of a document. */
final class SharingTable {
  private static final String BEGIN = "<!-- sharing-decision: begin -->\n";
  private static final String END = "<!-- sharing-decision: end -->\n";

  private SharingTable() {}

  /** The document with its table replaced. */
  static String replace(String document, String table) {
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("the document lacks the marks of the table: " + BEGIN);
    }
    return document.substring(0, begin + BEGIN.length()) + table + document.substring(end);
  }

  static String of(Environment machine, String command, Map<Layout, List<SharingCell>> grids) {
    StringBuilder text = new StringBuilder();
    grids.forEach((layout, cells) -> grid(text, layout, cells));
    return text.append(
            "\n(%s, %d processors, Java %s, %s, commit %s: `%s`)\n"
                .formatted(
                    machine.cpu(),
                    machine.processors(),
                    machine.java(),
                    machine.date(),
                    machine.commit(),
                    command))
        .toString();
  }

  private static void grid(StringBuilder text, Layout layout, List<SharingCell> cells) {
    TreeSet<Integer> prefixes = new TreeSet<>();
    TreeSet<Integer> batches = new TreeSet<>();
    for (SharingCell cell : cells) {
      if (cell.prefix() > 0) {
        prefixes.add(cell.prefix());
      }
      batches.add(cell.batch());
    }
    text.append("\n**").append(layout.words()).append("**\n\n| batch |");
    prefixes.forEach(prefix -> text.append(" %d |".formatted(prefix)));
    text.append("\n|---:|").append("---:|".repeat(prefixes.size())).append('\n');
    for (int batch : batches) {
      text.append("| %d |".formatted(batch));
      for (SharingCell cell : cells) {
        if (cell.batch() == batch && cell.prefix() > 0) {
          text.append(" %s |".formatted(gain(cell)));
        }
      }
      text.append('\n');
    }
    text.append('\n').append(summary(cells));
  }

  private static String gain(SharingCell cell) {
    double gain = cell.microsSeparate() / cell.microsShared();
    String number = String.format(Locale.ROOT, gain < 10 ? "%.2f" : "%.1f", gain);
    return cell.chosen() ? "**" + number + "**" : number;
  }

  private static String summary(List<SharingCell> cells) {
    List<SharingCell> grid = cells.stream().filter(cell -> cell.prefix() > 0).toList();
    Comparator<SharingCell> byLoss = Comparator.comparingDouble(SharingCell::loss);
    SharingCell worst = grid.stream().max(byLoss).orElseThrow();
    long wrong = grid.stream().filter(cell -> cell.loss() > SharingGrid.BOUND).count();
    return String.format(
        Locale.ROOT,
        "Slower than the better by more than 5%%: %d of %d points; the worst by %.1f%%, at batch %d"
            + " and prefix %d. Measured twice: %d.%n"
            + "Against own storage: at most %.1f%% slower without a prefix, %.1f%% at batch 1.%n",
        wrong,
        grid.size(),
        100 * worst.loss(),
        worst.batch(),
        worst.prefix(),
        grid.stream().filter(SharingCell::repeated).count(),
        100 * ownLoss(cells.stream().filter(cell -> cell.prefix() == 0).toList()),
        100 * ownLoss(grid));
  }

  private static double ownLoss(List<SharingCell> cells) {
    double worst = 0;
    for (SharingCell cell : cells) {
      Double loss = cell.lossToOwn();
      worst = loss == null ? worst : Math.max(worst, loss);
    }
    return worst;
  }
}
