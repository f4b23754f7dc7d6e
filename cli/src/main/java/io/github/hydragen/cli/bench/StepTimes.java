package io.github.hydragen.cli.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Times of the sampled steps, each repeated, and what follows for the whole output. */
final class StepTimes {
  /** One repetition; the repetitions of a step weigh 1 together. */
  private record Timing(double micros, double weight) {}

  private final TreeMap<Integer, double[]> micros = new TreeMap<>();

  /**
   * Takes the repetitions of a step.
   *
   * @param repetitions microseconds, one or more
   */
  void add(int step, double[] repetitions) {
    double[] sorted = repetitions.clone();
    Arrays.sort(sorted);
    micros.put(step, sorted);
  }

  /** The steps, ascending. */
  List<Integer> steps() {
    return List.copyOf(micros.keySet());
  }

  /**
   * A percentile over all repetitions, every step weighing the same.
   *
   * @param share 0 to 1, 0.5 for the median
   */
  double percentile(double share) {
    List<Timing> timings = new ArrayList<>();
    for (double[] repetitions : micros.values()) {
      for (double one : repetitions) {
        timings.add(new Timing(one, 1.0 / repetitions.length));
      }
    }
    timings.sort(Comparator.comparingDouble(Timing::micros));
    double target = share * micros.size();
    double passed = 0;
    for (Timing timing : timings) {
      passed += timing.weight;
      if (passed >= target - 1e-9) {
        return timing.micros;
      }
    }
    throw new IllegalStateException("no step was timed");
  }

  /**
   * Seconds that steps 1 to {@code output} take: the median of a sampled step, and between two
   * sampled steps on the line through both.
   */
  double totalSeconds(int output) {
    double total = 0;
    for (int step = 1; step <= output; step++) {
      total += at(step);
    }
    return total / 1e6;
  }

  private double at(int step) {
    Map.Entry<Integer, double[]> below = micros.floorEntry(step);
    Map.Entry<Integer, double[]> above = micros.ceilingEntry(step);
    if (below == null || above == null) {
      return median((below == null ? above : below).getValue());
    }
    double low = median(below.getValue());
    if (below.getKey().equals(above.getKey())) {
      return low;
    }
    double part = (double) (step - below.getKey()) / (above.getKey() - below.getKey());
    return low + part * (median(above.getValue()) - low);
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
