package io.github.hydragen.benchmarks.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void everyStepHasItsTurn() {
    long[] steps = new long[2];
    Turns turns =
        new Turns(List.of(() -> steps[0]++, () -> steps[1] += spin() > 0 ? 1 : 0), 2_000_000);
    double[] micros = turns.round();
    assertEquals(2, micros.length);
    assertTrue(steps[0] > steps[1] && steps[1] >= 5, steps[0] + " and " + steps[1]);
    assertTrue(micros[0] < micros[1] && micros[1] >= 100, micros[0] + " and " + micros[1]);
  }

  @Test
  void aStepLongerThanATurnIsTimedOnce() {
    int[] steps = new int[1];
    Turns turns = new Turns(List.of(() -> steps[0] += spin() > 0 ? 1 : 0), 10_000);
    assertTrue(turns.round()[0] >= 100);
    assertEquals(1, steps[0]);
  }

  /** Takes at least 100 microseconds. */
  private static long spin() {
    long end = System.nanoTime() + 100_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return end;
  }
}
