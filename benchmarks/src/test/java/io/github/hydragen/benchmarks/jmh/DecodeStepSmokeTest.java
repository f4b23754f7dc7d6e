package io.github.hydragen.benchmarks.jmh;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * C2 may stop to compile a method to vectors, or to keep objects of the loops out of the heap, when
 * a method grows: both are found here, in a small step of one JVM each.
 */
class DecodeStepSmokeTest {
  private static final double LEAST_GAIN = 4;

  /** A step allocates nothing; this is for what the JVM does meanwhile. */
  private static final double MOST_BYTES = 64;

  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private static RunResult run(String type, int warmups, String... jvmArguments)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(DecodeStep.class.getName())
            .param("batch", "16")
            .param("prefix", "256")
            .param("suffix", "64")
            .param("queryHeads", "8")
            .param("kvHeads", "8")
            .param("type", type)
            .param("threads", "1")
            .warmupIterations(warmups)
            .warmupTime(TimeValue.seconds(2))
            .measurementIterations(3)
            .measurementTime(TimeValue.seconds(1))
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .forks(1)
            .jvmArgs("-Xmx1g")
            .jvmArgsAppend(jvmArguments);
    Collection<RunResult> results = new Runner(options.build()).run();
    return results.iterator().next();
  }

  private static double micros(RunResult result) {
    return result.getPrimaryResult().getScore();
  }

  @Test
  void vectorsAreFasterThanTheScalarTwinAndAllocateNothing() throws RunnerException {
    // C2 has to be through, also where other builds keep the processors busy, and with it what
    // shows it the kernels: that allocates, and goes on for thousands of steps.
    RunResult vectors = run("F32", 10, "--add-modules=jdk.incubator.vector");
    RunResult scalars = run("F32", 5);
    double gain = micros(scalars) / micros(vectors);
    System.out.printf(
        "vectors %.0f us, scalar twin %.0f us: %.1f times; %.1f bytes allocated a step%n",
        micros(vectors), micros(scalars), gain, allocated(vectors));
    assertTrue(gain >= LEAST_GAIN, "the vector engine is only " + gain + " times its scalar twin");
    assertTrue(allocated(vectors) <= MOST_BYTES, "a step allocates bytes: " + allocated(vectors));
  }

  /** Of all iterations but the last: in that, JMH itself comes with 60 kilobytes. */
  private static double allocated(RunResult result) {
    Collection<IterationResult> iterations =
        result.getBenchmarkResults().iterator().next().getIterationResults();
    return iterations.stream()
        .limit(iterations.size() - 1)
        .mapToDouble(DecodeStepSmokeTest::allocated)
        .average()
        .orElseThrow();
  }

  private static double allocated(IterationResult iteration) {
    return Objects.requireNonNull(iteration.getSecondaryResults().get(ALLOCATED)).getScore();
  }
}
