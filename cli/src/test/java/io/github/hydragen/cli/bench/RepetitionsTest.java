package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RepetitionsTest {
  private static final Repetitions SOME = new Repetitions(3, 10, 100);

  private static int count(Repetitions repetitions, long nanosEach) {
    int done = 0;
    while (repetitions.more(done, done * nanosEach)) {
      done++;
    }
    return done;
  }

  @Test
  void untilTheTimeHasPassedWithinBounds() {
    assertEquals(5, count(SOME, 20));
    assertEquals(10, count(SOME, 1));
    assertEquals(3, count(SOME, 90));
    assertEquals(1, count(Repetitions.ONCE, 1));
  }

  @Test
  void slowStepsAreNotWaitedFor() {
    assertEquals(2, count(SOME, 300));
    assertEquals(1, count(SOME, 1000));
  }
}
