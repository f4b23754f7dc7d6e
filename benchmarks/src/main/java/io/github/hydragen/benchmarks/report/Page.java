package io.github.hydragen.benchmarks.report;

import java.util.Map;
import java.util.TreeMap;

/** What one file of measurements contributes: named parts of the page, and pictures. */
final class Page {
  private final Map<String, String> parts = new TreeMap<>();
  private final Map<String, String> pictures = new TreeMap<>();
  private final String group;

  /**
   * Nothing yet.
   *
   * @param group the measurements' name, before each part's and picture's
   */
  Page(String group) {
    this.group = group;
  }

  void part(String name, String markdown) {
    parts.put(group + " " + name, markdown);
  }

  /** Adds a picture and returns the Markdown that shows it. */
  String picture(String name, String alt, String svg) {
    String file = group + "-" + name + ".svg";
    pictures.put(file, svg);
    return "![" + alt + "](performance/" + file + ")\n";
  }

  String group() {
    return group;
  }

  /** Markdown by name. */
  Map<String, String> parts() {
    return parts;
  }

  /** SVG by file name. */
  Map<String, String> pictures() {
    return pictures;
  }
}
