package io.github.hydragen.benchmarks.sharing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Times steps against each other: in rounds in which each has its turn, so that a slow phase of the
 * machine meets all of them, with ratios taken within a round.
 */
final class CellTimer {
  /** A turn: as many repetitions as fit; the first, which finds cold caches, counts if alone. */
  private static final long TURN_NANOS = 2_000_000;

  /** Unless a repetition takes as long as a turn, so many at least follow the first. */
  private static final int FEWEST_LATER = 4;

  private static final int FEWEST_ROUNDS = 3;
  private static final int MOST_ROUNDS = 201;

  private final List<Runnable> steps;
  private final List<double[]> rounds = new ArrayList<>();
  private final Random random = new Random(1);

  CellTimer(List<Runnable> steps) {
    this.steps = steps;
  }

  /** Goes on for so long, and at least for a few rounds. */
  void time(long nanos) {
    long end = System.nanoTime() + nanos;
    round();
    while (rounds.size() < FEWEST_ROUNDS
        || (rounds.size() < MOST_ROUNDS && System.nanoTime() < end)) {
      rounds.add(round());
    }
  }

  int rounds() {
    return rounds.size();
  }

  /** The median step of each turn, in microseconds, in an order that changes. */
  private double[] round() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    double[] micros = new double[steps.size()];
    for (int step : order) {
      micros[step] = turn(steps.get(step));
    }
    return micros;
  }

  private static double turn(Runnable step) {
    long end = System.nanoTime() + TURN_NANOS;
    double first = micros(step);
    int fewest = 1e3 * first < TURN_NANOS ? FEWEST_LATER : 0;
    List<Double> later = new ArrayList<>();
    while (later.size() < fewest || System.nanoTime() < end) {
      later.add(micros(step));
    }
    return later.isEmpty() ? first : median(later.stream().mapToDouble(x -> x).toArray());
  }

  private static double micros(Runnable step) {
    long start = System.nanoTime();
    step.run();
    return (System.nanoTime() - start) / 1e3;
  }

  /** Median of a step's turns, in microseconds. */
  double micros(int step) {
    return median(rounds.stream().mapToDouble(round -> round[step]).toArray());
  }

  /** How much longer the first step takes than another: median over rounds, as a fraction. */
  double loss(int step) {
    return median(rounds.stream().mapToDouble(round -> round[0] / round[step]).toArray()) - 1;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}
