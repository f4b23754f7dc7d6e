package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.check.WorstError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a workload by one method.
 *
 * @param resident whether queries, new tokens and outputs stayed on the device
 * @param measured null if it was skipped
 * @param skipped why it was skipped, or null
 */
record Result(
    Workload workload,
    Method method,
    DeviceInfo device,
    boolean resident,
    @Nullable Measurement measured,
    @Nullable String skipped) {

  /**
   * What was measured.
   *
   * @param times of the sampled steps
   * @param tokensPerSecond over the whole output
   * @param peakBytes the most the engine held
   * @param kvBytes keys and values stored
   * @param error against the exact reference on sampled rows
   * @param rooflineFraction part of the machine's limit, or null where that is not known
   * @param kernelMicros for each sampled step the mean of what kernels took, or null where that is
   *     not measured
   * @param plan what the engine does with the prefix
   */
  record Measurement(
      StepTimes times,
      double tokensPerSecond,
      long peakBytes,
      long kvBytes,
      WorstError error,
      @Nullable Double rooflineFraction,
      @Nullable List<Double> kernelMicros,
      AttentionPlan plan) {
    /** The same with times of kernels. */
    Measurement withKernels(@Nullable List<Double> micros) {
      return new Measurement(
          times, tokensPerSecond, peakBytes, kvBytes, error, rooflineFraction, micros, plan);
    }

    /** The median over the sampled steps of what kernels took, or null. */
    @Nullable Double medianKernelMicros() {
      if (kernelMicros == null) {
        return null;
      }
      List<Double> sorted = kernelMicros.stream().sorted().toList();
      int middle = sorted.size() / 2;
      return sorted.size() % 2 == 1
          ? sorted.get(middle)
          : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
  }
}
