package io.github.hydragen.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SampleTest {
  private static Sample of(double... values) {
    Sample sample = new Sample();
    for (double value : values) {
      sample.add(value);
    }
    return sample;
  }

  @Test
  void percentilesLieOnTheLineBetweenRanks() {
    Sample sample = of(40, 10, 30, 20);
    assertEquals(25, sample.median());
    assertEquals(10, sample.percentile(0));
    assertEquals(40, sample.percentile(1));
    assertEquals(13, sample.percentile(0.1), 1e-9);
  }

  @Test
  void oneMeasurementIsEveryPercentile() {
    Sample sample = of(7);
    assertEquals(7, sample.median());
    assertEquals(7, sample.percentile(0.99));
  }

  @Test
  void growsWithItsMeasurements() {
    Sample sample = new Sample();
    for (int i = 0; i <= 1000; i++) {
      sample.add(1000 - i);
    }
    assertEquals(1001, sample.count());
    assertEquals(500, sample.median());
    assertEquals(990, sample.percentile(0.99), 1e-9);
  }

  @Test
  void nothingHasNoMedian() {
    assertThrows(IllegalStateException.class, new Sample()::median);
  }
}
