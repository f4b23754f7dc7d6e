package io.github.hydragen;

/** Argument checks with messages that name the value and the remedy. */
final class Checks {
  private Checks() {}

  static int range(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " " + value + " is out of range: choose " + min + " to " + max);
    }
    return value;
  }

  static int index(String name, int value, int size) {
    if (value < 0 || value >= size) {
      throw new IllegalArgumentException(
          name
              + " "
              + value
              + " is out of range: there are "
              + size
              + " (0 to "
              + (size - 1)
              + ")");
    }
    return value;
  }

  static void open(boolean open, String what) {
    if (!open) {
      throw new IllegalStateException(what + " is closed");
    }
  }
}
