package io.github.hydragen.benchmarks.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** A colour for each series, in the order in which they come. */
final class Palette {
  private static final String[] COLOURS = {
    "#0969da", "#bc4c00", "#8250df", "#1a7f37", "#9aa3ad", "#bf3989", "#9a6700", "#57606a"
  };

  private final Map<String, String> colours = new LinkedHashMap<>();

  String colour(String series) {
    return colours.computeIfAbsent(series, name -> COLOURS[colours.size() % COLOURS.length]);
  }

  /** Draws the names side by side. */
  void legend(Svg svg, double x, double y) {
    double at = x;
    for (Map.Entry<String, String> series : colours.entrySet()) {
      svg.dot(series.getValue(), at + 6, y - 4, series.getKey());
      svg.text("legend", "start", at + 17, y, series.getKey());
      at += 34 + 7.2 * series.getKey().length();
    }
  }
}
