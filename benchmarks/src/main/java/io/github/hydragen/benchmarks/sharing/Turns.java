package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.cli.bench.JitCompiler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Times steps against each other: in rounds in which each has its turn, so that a slow phase of the
 * machine meets all of them, in an order that changes.
 */
final class Turns {
  /** Unless a repetition takes as long as a turn, so many at least follow the first. */
  private static final int FEWEST_LATER = 4;

  private static final long WARM_UP_NANOS = 200_000_000;
  private static final long MOST_WARM_UP_NANOS = 5_000_000_000L;

  private final List<Runnable> steps;
  private final long turnNanos;
  private final LongSupplier nanoTime;
  private final List<Integer> order = new ArrayList<>();
  private final Random random = new Random(1);

  /**
   * Steps to time.
   *
   * @param turnNanos a turn: as many repetitions as fit; the first, which finds cold caches, counts
   *     if alone
   */
  Turns(List<Runnable> steps, long turnNanos) {
    this(steps, turnNanos, System::nanoTime);
  }

  /** Steps to time by a clock of nanoseconds. */
  Turns(List<Runnable> steps, long turnNanos, LongSupplier nanoTime) {
    this.steps = steps;
    this.turnNanos = turnNanos;
    this.nanoTime = nanoTime;
    for (int i = 0; i < steps.size(); i++) {
      order.add(i);
    }
  }

  /** The median repetition of each step's turn, in microseconds. */
  double[] round() {
    Collections.shuffle(order, random);
    double[] micros = new double[steps.size()];
    for (int step : order) {
      micros[step] = turn(steps.get(step));
    }
    return micros;
  }

  private double turn(Runnable step) {
    long end = nanoTime.getAsLong() + turnNanos;
    double first = micros(step);
    int fewest = 1e3 * first < turnNanos ? FEWEST_LATER : 0;
    List<Double> later = new ArrayList<>();
    while (later.size() < fewest || nanoTime.getAsLong() < end) {
      later.add(micros(step));
    }
    return later.isEmpty() ? first : median(later);
  }

  private double micros(Runnable step) {
    long start = nanoTime.getAsLong();
    step.run();
    return (nanoTime.getAsLong() - start) / 1e3;
  }

  private static double median(List<Double> values) {
    return MedianInterval.median(values.stream().mapToDouble(x -> x).sorted().toArray());
  }

  /**
   * Rounds whose times are of no interest, until the compiler is quiet: each new length may take
   * branches that it has left out, and what it then throws away runs a hundred times as long.
   */
  void warmUp() {
    JitCompiler compiler = new JitCompiler();
    long last = System.nanoTime() + MOST_WARM_UP_NANOS;
    do {
      for (long end = System.nanoTime() + WARM_UP_NANOS; System.nanoTime() < end; ) {
        round();
      }
    } while (compiler.wasBusy() && System.nanoTime() < last);
  }
}
