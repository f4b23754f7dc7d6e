package io.github.hydragen.cli.bench;

import java.util.stream.IntStream;

/**
 * Which decode steps are timed. Step {@code i} of 1 to output adds one token to every sequence and
 * attends to a suffix of {@code i} tokens.
 *
 * @param count steps spread evenly over the output, the first and the last among them
 * @param once whether a step is timed only once, which is only for those who ask for every step
 */
record StepSampling(int count, boolean once) {
  /** What {@code --steps} says for every step. */
  static final String ALL = "all";

  /** Steps that are repeated, also if they are all there are. */
  StepSampling(int count) {
    this(count, false);
  }

  /**
   * Reads {@code --steps}.
   *
   * @throws IllegalArgumentException if it is neither {@code all} nor a number of at least 1
   */
  static StepSampling parse(String text) {
    if (text.equals(ALL)) {
      return new StepSampling(Integer.MAX_VALUE, true);
    }
    try {
      int count = Integer.parseInt(text);
      if (count >= 1) {
        return new StepSampling(count);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "--steps " + text + " is not a number of steps: give 1 or more, or all");
  }

  /** Whether every step of an output is timed. */
  boolean all(int output) {
    return count >= output;
  }

  /** How often a step is timed. */
  Repetitions repetitions() {
    return once ? Repetitions.ONCE : Repetitions.SAMPLED;
  }

  /** The steps, ascending. */
  int[] steps(int output) {
    if (all(output)) {
      return IntStream.rangeClosed(1, output).toArray();
    }
    if (count == 1) {
      return new int[] {(output + 1) / 2};
    }
    return IntStream.range(0, count)
        .map(i -> 1 + (int) Math.round((output - 1.0) * i / (count - 1)))
        .toArray();
  }
}
