package io.github.hydragen.benchmarks.report;

import io.github.hydragen.cli.console.Units;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Lines from the origin's corner: whether something grows in proportion. */
final class LinePlot {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 380;
  private static final int LEFT = 64;
  private static final int TOP = 76;
  private static final int BOTTOM = HEIGHT - 56;

  private final String title;
  private final String xUnit;
  private final String yUnit;
  private final Palette palette = new Palette();
  private final Map<String, TreeMap<Double, Double>> lines = new LinkedHashMap<>();

  LinePlot(String title, String xUnit, String yUnit) {
    this.title = title;
    this.xUnit = xUnit;
    this.yUnit = yUnit;
  }

  void add(String series, double x, double y) {
    palette.colour(series);
    lines.computeIfAbsent(series, name -> new TreeMap<>()).put(x, y);
  }

  String draw() {
    Svg svg = new Svg(title, description(), WIDTH, HEIGHT);
    palette.legend(svg, 16, 50);
    Axis xAxis = Axis.linear(largest(true), LEFT, WIDTH - 24);
    Axis yAxis = Axis.linear(largest(false), BOTTOM, TOP);
    for (double tick : xAxis.ticks()) {
      svg.gridLine(xAxis.at(tick), TOP, xAxis.at(tick), BOTTOM);
      svg.text("tick", "middle", xAxis.at(tick), BOTTOM + 18, Axis.label(tick));
    }
    for (double tick : yAxis.ticks()) {
      svg.gridLine(LEFT, yAxis.at(tick), WIDTH - 24, yAxis.at(tick));
      svg.text("tick", "end", LEFT - 8, yAxis.at(tick) + 4, Axis.label(tick));
    }
    svg.text("unit", "middle", (LEFT + WIDTH) / 2.0, BOTTOM + 40, xUnit);
    svg.text("unit", "start", 16, TOP - 8, yUnit);
    lines.forEach((series, points) -> draw(svg, series, points, xAxis, yAxis));
    return svg.finish();
  }

  private void draw(Svg svg, String series, Map<Double, Double> points, Axis xAxis, Axis yAxis) {
    String colour = palette.colour(series);
    double[] x = points.keySet().stream().mapToDouble(xAxis::at).toArray();
    double[] y = points.values().stream().mapToDouble(yAxis::at).toArray();
    svg.line(colour, x, y);
    int i = 0;
    for (double value : points.values()) {
      svg.dot(colour, x[i], y[i], series + ": " + Units.number(value) + " " + yUnit);
      i++;
    }
  }

  private double largest(boolean x) {
    return lines.values().stream()
        .flatMap(points -> (x ? points.keySet() : points.values()).stream())
        .mapToDouble(v -> v)
        .max()
        .orElse(1);
  }

  private String description() {
    StringBuilder text = new StringBuilder();
    lines.forEach(
        (series, points) -> {
          text.append(series).append(':');
          points.forEach(
              (x, y) -> text.append(' ').append(Axis.label(x)).append(' ').append(Units.number(y)));
          text.append(". ");
        });
    return text + xUnit + " and " + yUnit + ".";
  }
}
