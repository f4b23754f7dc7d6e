package io.github.hydragen.cli.bench;

/**
 * How often a step is repeated: until some time has passed, within bounds.
 *
 * @param min at least as often, unless that takes {@value #PATIENCE} times the time
 * @param max at most as often
 * @param nanos until so much time has passed
 */
record Repetitions(int min, int max, long nanos) {
  private static final int PATIENCE = 5;

  /** Before anything is timed, again and again until the JIT compiler is through. */
  static final Repetitions WARM_UP = new Repetitions(1, 3000, 1_000_000_000);

  /**
   * Before a step is timed that an upload preceded: what the JIT compiler had specialised for
   * nothing but steps, the upload made it throw away.
   */
  static final Repetitions AFTER_UPLOAD = new Repetitions(3, 300, 200_000_000);

  /** Of a sampled step. */
  static final Repetitions SAMPLED = new Repetitions(3, 30, 400_000_000);

  /** Where every step is asked for. */
  static final Repetitions ONCE = new Repetitions(1, 1, 0);

  /** For each of so many steps, all of which share the time. */
  Repetitions part(int steps) {
    return new Repetitions(min, Math.max(min, max / steps), nanos / steps);
  }

  /** Whether there is another one. */
  boolean more(int done, long elapsedNanos) {
    long limit = done < min ? PATIENCE * nanos : nanos;
    return done == 0 || (done < max && elapsedNanos < limit);
  }
}
