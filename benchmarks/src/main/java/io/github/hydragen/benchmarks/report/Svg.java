package io.github.hydragen.benchmarks.report;

import java.util.Locale;

/** A picture being drawn; coordinates in pixels from the upper left. */
final class Svg {
  /** Tones that can be read on light and on dark pages. */
  private static final String STYLE =
      """
        <style>
          text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #747d88; }
          .title { font-size: 15px; font-weight: 600; }
          .grid { stroke: #9aa3ad; stroke-opacity: 0.35; stroke-width: 1; }
          .line { fill: none; stroke-width: 2; }
        </style>
      """;

  private final StringBuilder body = new StringBuilder();
  private final String title;
  private final String description;
  private final int width;
  private final int height;

  /**
   * An empty picture.
   *
   * @param title a few words, shown above
   * @param description what is to be seen, for those who cannot
   */
  Svg(String title, String description, int width, int height) {
    this.title = title;
    this.description = description;
    this.width = width;
    this.height = height;
    text("title", "start", 16, 24, title);
  }

  void text(String type, String anchor, double x, double y, String text) {
    add(
        String.format(
            Locale.ROOT,
            "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
            type,
            anchor,
            x,
            y,
            escape(text)));
  }

  void gridLine(double x1, double y1, double x2, double y2) {
    add(
        String.format(
            Locale.ROOT,
            "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            x1,
            y1,
            x2,
            y2));
  }

  void dot(String colour, double x, double y, String tip) {
    add(
        String.format(
            Locale.ROOT,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"><title>%s</title></circle>",
            x,
            y,
            colour,
            escape(tip)));
  }

  void line(String colour, double[] x, double[] y) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < x.length; i++) {
      points.append(String.format(Locale.ROOT, i == 0 ? "%.1f,%.1f" : " %.1f,%.1f", x[i], y[i]));
    }
    add(
        String.format(
            Locale.ROOT, "<polyline class=\"line\" stroke=\"%s\" points=\"%s\"/>", colour, points));
  }

  private void add(String element) {
    body.append("  ").append(element).append('\n');
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** The file's text. */
  String finish() {
    String head =
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" width=\"%1$d\""
                + " height=\"%2$d\" role=\"img\" aria-labelledby=\"title desc\">%n"
                + "  <title id=\"title\">%3$s</title>%n  <desc id=\"desc\">%4$s</desc>%n",
            width,
            height,
            escape(title),
            escape(description));
    return head.replace(System.lineSeparator(), "\n") + STYLE + body + "</svg>\n";
  }
}
