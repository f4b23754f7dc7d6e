package io.github.hydragen.benchmarks.compare;

/**
 * How long is measured.
 *
 * @param rounds in which each contender has a turn
 * @param pauseMillis before a turn, in which the threads of the one before stop to spin
 * @param warmNanos of steps before anything is timed, for what the JIT compiler works on
 * @param leadNanos of untimed steps at the start of a turn, in which threads spread over the
 *     processors again
 * @param turnNanos of timed steps, at least
 * @param turnSteps the least number of timed steps of a turn
 */
record Pace(
    int rounds, int pauseMillis, long warmNanos, long leadNanos, long turnNanos, int turnSteps) {
  private static final long MILLI = 1_000_000;

  /** For figures. */
  static final Pace FULL = new Pace(6, 30, 1_000 * MILLI, 25 * MILLI, 80 * MILLI, 1);

  /** For a look whether everything works. */
  static final Pace QUICK = new Pace(1, 1, 0, 0, 0, 1);

  /** One turn of many steps in a row. */
  Pace inARow(int steps) {
    return new Pace(1, pauseMillis, warmNanos, leadNanos, 0, steps);
  }
}
