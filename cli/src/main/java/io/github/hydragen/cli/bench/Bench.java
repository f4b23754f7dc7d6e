package io.github.hydragen.cli.bench;

import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.cli.bench.Result.Measurement;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.WorstError;
import io.github.hydragen.cli.console.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Measures workloads on one device. */
final class Bench {
  private static final int CHECKED_STEPS = 8;
  private static final int CHECKED_ROWS = 16;
  private static final int KERNEL_REPETITIONS = 5;
  private static final long LONGEST_WARM_UP_NANOS = 20_000_000_000L;

  /**
   * Resident steps before any is timed, at least: the JIT compiler takes a method up last after
   * 5,000 calls, and of a step there is one of most.
   */
  private static final int RESIDENT_WARM_UP_STEPS = 6000;

  /** What the host does is nothing to steps that last longer: so many are not needed. */
  private static final long LONG_STEP_NANOS = 2_000_000;

  /** Parts of a round of resident steps, each behind an upload. */
  private static final int UPLOADS = 10;

  private final EngineOptions options;
  private final DeviceInfo device;
  private final StepSampling sampling;
  private final long seed;
  private final boolean resident;
  private final boolean kernels;
  private final Optional<Roofline> roofline;
  private final Progress progress;

  /**
   * A bench.
   *
   * @param options of the engine, but for the storage type, which the workload sets
   * @param resident whether queries, new tokens and outputs stay on the device
   * @param kernels whether the device's kernels are timed too
   * @param roofline the device's limits where they are known
   */
  Bench(
      EngineOptions options,
      DeviceInfo device,
      StepSampling sampling,
      long seed,
      boolean resident,
      boolean kernels,
      Optional<Roofline> roofline,
      Progress progress) {
    this.options = options;
    this.device = device;
    this.sampling = sampling;
    this.seed = seed;
    this.resident = resident;
    this.kernels = kernels;
    this.roofline = roofline;
    this.progress = progress;
  }

  /** Measures one method; a workload that does not fit in memory is skipped. */
  Result run(Workload workload, Method method) {
    int longestRow = workload.shape().queryRow();
    try (SyntheticTokens tokens = new SyntheticTokens(seed, workload.dtype(), longestRow)) {
      Measurement measured;
      try (DecodeRun run = decodeRun(workload, method, tokens)) {
        measured = measure(run, workload, method);
      }
      if (kernels) {
        // In a run of its own, as timing them slows the steps down.
        try (DecodeRun run = decodeRun(workload, method, tokens)) {
          measured = measured.withKernels(kernelMicros(run, workload, method));
        }
      }
      return new Result(workload, method, device, resident, measured, null);
    } catch (InsufficientMemoryException e) {
      return new Result(workload, method, device, resident, null, String.valueOf(e.getMessage()));
    } finally {
      progress.close();
    }
  }

  private DecodeRun decodeRun(Workload workload, Method method, SyntheticTokens tokens) {
    return new DecodeRun(workload, method, options.withStorage(workload.dtype()), tokens, resident);
  }

  private Measurement measure(DecodeRun run, Workload workload, Method method) {
    run.fill(part -> progress.show(method.title() + ": filling the cache", part));
    warmUp(run, workload, method.title() + ": warming up");
    StepTimes times = new StepTimes();
    WorstError error = WorstError.NONE;
    int[] steps = sampling.steps(workload.output());
    Repetitions repetitions = sampling.repetitions();
    int checkEvery = Math.ceilDiv(steps.length, CHECKED_STEPS);
    // From the longest to the shortest: the cache is filled once, and then only truncated.
    for (int i = steps.length - 1; i >= 0; i--) {
      progress.show(method.title() + ": timing", (double) (steps.length - i) / steps.length);
      if (resident) {
        repeat(run, steps[i], Repetitions.AFTER_UPLOAD);
      }
      times.add(steps[i], repeat(run, steps[i], repetitions));
      if (i % checkEvery == 0) {
        error = error.max(run.check(steps[i], CHECKED_ROWS, seed));
      }
    }
    double seconds = times.totalSeconds(workload.output());
    return new Measurement(
        times,
        (double) workload.batch() * workload.output() / seconds,
        run.memory().peakBytes(),
        run.memory().kvBytes(),
        error,
        roofline.map(r -> r.fraction(workload, method, seconds)).orElse(null),
        null,
        run.plan());
  }

  /**
   * Until the JIT compiler is through. Steps of all lengths run, because it compiles for what it
   * has seen and starts again with what is new; and checks, or their code would be compiled beside
   * steps that are timed.
   */
  private void warmUp(DecodeRun run, Workload workload, String task) {
    int[] steps = sampling.steps(workload.output());
    JitCompiler compiler = new JitCompiler();
    long start = System.nanoTime();
    int done = 0;
    boolean busy = true;
    while (busy && System.nanoTime() - start < LONGEST_WARM_UP_NANOS) {
      progress.show(task, (double) (System.nanoTime() - start) / LONGEST_WARM_UP_NANOS);
      if (resident) {
        done += residentRound(run, workload.output());
        run.check(workload.output(), CHECKED_ROWS, seed);
      } else {
        run.check(warmUpRound(run, steps), CHECKED_ROWS, seed);
        run.refill();
        // What was stored again goes to a device with the next step, which is not to be timed.
        run.step(workload.output());
      }
      boolean few =
          done < RESIDENT_WARM_UP_STEPS && System.nanoTime() - start < done * LONG_STEP_NANOS;
      busy = compiler.wasBusy() || few;
    }
  }

  /** The longest step, uploaded again and again, as uploads precede what is timed too. */
  private static int residentRound(DecodeRun run, int step) {
    Repetitions each = Repetitions.WARM_UP.part(UPLOADS);
    int done = 0;
    for (int i = 0; i < UPLOADS; i++) {
      run.forgetUpload();
      done += repeat(run, step, each).length;
    }
    return done;
  }

  /** From the longest step to the shortest that there is time for, which is returned. */
  private int warmUpRound(DecodeRun run, int[] steps) {
    Repetitions each = Repetitions.WARM_UP.part(steps.length);
    long start = System.nanoTime();
    int last = steps.length - 1;
    repeat(run, steps[last], each);
    while (last > 0 && System.nanoTime() - start < Repetitions.WARM_UP.nanos()) {
      last--;
      repeat(run, steps[last], each);
    }
    return steps[last];
  }

  /** For each sampled step the mean of what its kernels take. */
  private List<Double> kernelMicros(DecodeRun run, Workload workload, Method method) {
    run.timeKernels();
    run.fill(part -> progress.show(method.title() + ": filling the cache again", part));
    List<Double> micros = new ArrayList<>();
    int[] steps = sampling.steps(workload.output());
    // The first step compiles.
    run.step(workload.output());
    for (int i = steps.length - 1; i >= 0; i--) {
      progress.show(
          method.title() + ": timing kernels", (double) (steps.length - i) / steps.length);
      long before = run.kernelNanos();
      for (int r = 0; r < KERNEL_REPETITIONS; r++) {
        run.step(steps[i]);
      }
      micros.addFirst((run.kernelNanos() - before) / 1e3 / KERNEL_REPETITIONS);
    }
    return micros;
  }

  /** Repeats a step and returns microseconds. */
  private static double[] repeat(DecodeRun run, int step, Repetitions repetitions) {
    double[] micros = new double[repetitions.max()];
    int done = 0;
    for (long elapsed = 0; repetitions.more(done, elapsed); done++) {
      long nanos = run.step(step);
      elapsed += nanos;
      micros[done] = nanos / 1e3;
    }
    return Arrays.copyOf(micros, done);
  }
}
