package io.github.hydragen.cli.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WorstErrorTest {
  @Test
  void relativeToTheMagnitudeAboveOne() {
    assertEquals(new WorstError(0.5, 0, 0.5), WorstError.ofOut(1, 0.5));
    assertEquals(new WorstError(0, 2, 0.25), WorstError.ofLse(10, 8));
  }

  @Test
  void notANumberIsInfinitelyWrong() {
    assertEquals(Double.POSITIVE_INFINITY, WorstError.ofOut(Double.NaN, 1).relative());
    assertEquals(Double.POSITIVE_INFINITY, WorstError.ofLse(Double.NaN, 1).relative());
  }

  @Test
  void emptyRowsHaveNegativeInfinity() {
    double empty = Double.NEGATIVE_INFINITY;
    assertEquals(WorstError.NONE, WorstError.ofLse(empty, empty));
    assertEquals(Double.POSITIVE_INFINITY, WorstError.ofLse(0, empty).relative());
    assertEquals(Double.POSITIVE_INFINITY, WorstError.ofLse(empty, 0).relative());
  }
}
