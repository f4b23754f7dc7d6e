package io.github.hydragen.benchmarks.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** By a clock that goes on with the steps alone, as a machine may stop between any two of them. */
class TurnsTest {
  private long now;

  @Test
  void everyStepHasItsTurn() {
    long[] steps = new long[2];
    Turns turns =
        new Turns(
            List.of(() -> steps[0] += take(1_000), () -> steps[1] += take(100_000)),
            2_000_000,
            () -> now);
    double[] micros = turns.round();
    assertEquals(2, micros.length);
    assertTrue(steps[0] > steps[1] && steps[1] >= 5, steps[0] + " and " + steps[1]);
    assertTrue(micros[0] < micros[1] && micros[1] >= 100, micros[0] + " and " + micros[1]);
  }

  @Test
  void aStepLongerThanATurnIsTimedOnce() {
    int[] steps = new int[1];
    Turns turns = new Turns(List.of(() -> steps[0] += take(100_000)), 10_000, () -> now);
    assertTrue(turns.round()[0] >= 100);
    assertEquals(1, steps[0]);
  }

  /** A step that takes so many nanoseconds. */
  private int take(long nanos) {
    now += nanos;
    return 1;
  }
}
