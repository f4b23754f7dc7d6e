package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  @Test
  void samplesSpreadFromTheFirstToTheLastStep() {
    assertArrayEquals(new int[] {1, 4, 7, 10}, new StepSampling(4).steps(10));
    assertArrayEquals(new int[] {5}, new StepSampling(1).steps(10));
    assertArrayEquals(new int[] {1, 2, 3}, StepSampling.parse("all").steps(3));
    assertArrayEquals(new int[] {1, 2, 3}, new StepSampling(8).steps(3));
  }

  @Test
  void onlyThoseWhoAskForAllStepsGetThemOnce() {
    assertEquals(Repetitions.ONCE, StepSampling.parse("all").repetitions());
    assertEquals(Repetitions.SAMPLED, StepSampling.parse("8").repetitions());
    assertEquals(Repetitions.SAMPLED, StepSampling.parse("2147483647").repetitions());
  }

  @Test
  void totalIsInterpolatedBetweenMedians() {
    StepTimes times = new StepTimes();
    times.add(5, new double[] {50, 49, 1000});
    times.add(1, new double[] {12, 8});
    // 10, 20, 30, 40, 50 microseconds.
    assertEquals(150e-6, times.totalSeconds(5), 1e-12);
    assertEquals(List.of(1, 5), times.steps());
  }

  @Test
  void oneSampleStandsForAll() {
    StepTimes times = new StepTimes();
    times.add(3, new double[] {7});
    assertEquals(35e-6, times.totalSeconds(5), 1e-12);
  }

  @Test
  void everyStepWeighsTheSameInPercentiles() {
    StepTimes times = new StepTimes();
    times.add(1, new double[] {1, 1, 1, 1, 1, 1, 1, 1, 1});
    times.add(2, new double[] {2});
    times.add(3, new double[] {3});
    assertEquals(1, times.percentile(0.1));
    assertEquals(2, times.percentile(0.5));
    assertEquals(3, times.percentile(0.9));
  }
}
