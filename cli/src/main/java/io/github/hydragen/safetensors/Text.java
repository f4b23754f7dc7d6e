package io.github.hydragen.safetensors;

/** Makes what comes from a file fit for a message: files may hold any name. */
final class Text {
  private static final int LONGEST = 80;

  private Text() {}

  /** A name in quotes, shortened if it is very long. */
  static String quote(String name) {
    return '"' + (name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...") + '"';
  }

  /** The text with a question mark for every control character. */
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
  }
}
