package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.cli.console.Environment;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The report for people: Markdown between two marks of a document. */
final class SharingTable {
  static final String COMMAND = "SharingDecision docs";
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

  static String of(Environment machine, Map<Layout, List<SharingCell>> grids) {
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
                    COMMAND))
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
      for (int prefix : prefixes) {
        text.append(
            " %s |".formatted(find(cells, batch, prefix).map(SharingTable::gain).orElse("")));
      }
      text.append('\n');
    }
    text.append('\n').append(summary(cells));
  }

  private static Optional<SharingCell> find(List<SharingCell> cells, int batch, int prefix) {
    return cells.stream()
        .filter(cell -> cell.batch() == batch && cell.prefix() == prefix)
        .findFirst();
  }

  private static String gain(SharingCell cell) {
    double gain = cell.microsSeparate() / cell.microsShared();
    String number = String.format(Locale.ROOT, gain < 10 ? "%.2f" : "%.1f", gain);
    return cell.chosen() ? "**" + number + "**" : number;
  }

  private static String summary(List<SharingCell> cells) {
    List<SharingCell> grid = cells.stream().filter(cell -> cell.prefix() > 0).toList();
    Comparator<SharingCell> byLoss = Comparator.comparingDouble(cell -> cell.loss().median());
    SharingCell worst = grid.stream().max(byLoss).orElseThrow();
    return String.format(
        Locale.ROOT,
        "Within 5%% of the better, with the whole interval: %d of %d points; slower by more than 5%%: %d;"
            + " in doubt: %d; measured again: %d. The worst: %.1f%% (%.1f to %.1f%%), at batch %d and prefix %d.%n"
            + "Against own storage: %s without a prefix; %s at batch 1.%n",
        grid.stream().filter(SharingCell::isClear).count(),
        grid.size(),
        grid.stream().filter(SharingCell::isWrong).count(),
        grid.stream().filter(cell -> !cell.isWrong() && !cell.isClear()).count(),
        grid.stream().filter(cell -> cell.jvms() > 0).count(),
        100 * worst.loss().median(),
        100 * worst.loss().low(),
        100 * worst.loss().high(),
        worst.batch(),
        worst.prefix(),
        ownLoss(cells.stream().filter(cell -> cell.prefix() == 0).toList()),
        ownLoss(grid));
  }

  /** The worst of the points that were held against own storage. */
  private static String ownLoss(List<SharingCell> cells) {
    MedianInterval worst = new MedianInterval(0, 0, 0);
    SharingCell at = null;
    for (SharingCell cell : cells) {
      MedianInterval loss = cell.lossToOwn();
      if (loss != null && (at == null || loss.median() > worst.median())) {
        worst = loss;
        at = cell;
      }
    }
    return at == null
        ? "not measured"
        : String.format(
            Locale.ROOT,
            "at most %.1f%% slower (%.1f to %.1f%%), at batch %d and prefix %d,",
            100 * worst.median(),
            100 * worst.low(),
            100 * worst.high(),
            at.batch(),
            at.prefix());
  }
}
