package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.check.WorstError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a workload by one method.
 *
 * @param measured null if it was skipped
 * @param skipped why it was skipped, or null
 */
record Result(
    Workload workload,
    Method method,
    DeviceInfo device,
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
      AttentionPlan plan) {}
}
