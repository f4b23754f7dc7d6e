package io.github.hydragen.benchmarks.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MedianIntervalTest {
  /** From tables of the sign test. */
  @ParameterizedTest
  @CsvSource({"1, 0", "5, 0", "6, 0", "8, 0", "9, 1", "11, 1", "12, 2", "15, 3", "30, 9"})
  void boundsAreThoseOfTheSignTest(int count, int skipped) {
    double[] sample = IntStream.range(0, count).mapToDouble(i -> count - 1 - i).toArray();
    MedianInterval interval = MedianInterval.of(sample);
    assertEquals((count - 1) / 2.0, interval.median());
    assertEquals(skipped, interval.low());
    assertEquals(count - 1 - skipped, interval.high());
  }

  @Test
  void theTrueMedianIsRarelyOutside() {
    SplittableRandom random = new SplittableRandom(3);
    int outside = 0;
    for (int i = 0; i < 2000; i++) {
      double[] skewed = random.doubles(15).map(x -> x * x * x).toArray();
      MedianInterval interval = MedianInterval.of(skewed);
      outside += interval.low() > 0.125 || interval.high() < 0.125 ? 1 : 0;
    }
    assertTrue(outside < 0.05 * 2000, outside + " of 2000");
  }
}
