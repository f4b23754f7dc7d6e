package io.github.hydragen.benchmarks.report;

import io.github.hydragen.cli.console.Units;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of dots, one dot for each series that has a value in the row. */
final class DotPlot {
  private static final int WIDTH = 860;
  private static final int LEFT = 250;
  private static final int ROW = 30;
  private static final int TOP = 76;

  private final String title;
  private final String unit;
  private final boolean logarithmic;
  private final Palette palette = new Palette();
  private final Map<String, Map<String, Double>> rows = new LinkedHashMap<>();

  DotPlot(String title, String unit, boolean logarithmic) {
    this.title = title;
    this.unit = unit;
    this.logarithmic = logarithmic;
  }

  /** Adds a dot; positive values only. */
  void add(String row, String series, double value) {
    palette.colour(series);
    rows.computeIfAbsent(row, name -> new LinkedHashMap<>()).put(series, value);
  }

  String draw() {
    int bottom = TOP + ROW * rows.size();
    Svg svg = new Svg(title, description(), WIDTH, bottom + 48);
    palette.legend(svg, 16, 50);
    Axis axis = axis();
    for (double tick : axis.ticks()) {
      double x = axis.at(tick);
      svg.gridLine(x, TOP - 8, x, bottom);
      svg.text("tick", "middle", x, bottom + 18, Axis.label(tick));
    }
    String scale = logarithmic ? unit + ", logarithmic" : unit;
    svg.text("unit", "middle", (LEFT + WIDTH) / 2.0, bottom + 38, scale);
    double y = TOP + ROW / 2.0 - 6;
    for (Map.Entry<String, Map<String, Double>> row : rows.entrySet()) {
      svg.text("row", "end", LEFT - 14, y + 4, row.getKey());
      svg.gridLine(LEFT, y, WIDTH - 24, y);
      for (Map.Entry<String, Double> dot : row.getValue().entrySet()) {
        String tip = dot.getKey() + ": " + Units.number(dot.getValue()) + " " + unit;
        svg.dot(palette.colour(dot.getKey()), axis.at(dot.getValue()), y, tip);
      }
      y += ROW;
    }
    return svg.finish();
  }

  private Axis axis() {
    List<Double> values = rows.values().stream().flatMap(row -> row.values().stream()).toList();
    double largest = values.stream().mapToDouble(v -> v).max().orElse(1);
    double least = values.stream().mapToDouble(v -> v).min().orElse(1);
    return logarithmic
        ? Axis.logarithmic(least, largest, LEFT, WIDTH - 24)
        : Axis.linear(largest, LEFT, WIDTH - 24);
  }

  private String description() {
    StringBuilder text = new StringBuilder();
    rows.forEach(
        (row, dots) -> {
          text.append(row).append(':');
          dots.forEach(
              (series, v) -> text.append(' ').append(series).append(' ').append(Units.number(v)));
          text.append(". ");
        });
    return text + "In " + unit + ".";
  }
}
