package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.bench.Result.Measurement;
import io.github.hydragen.cli.check.WorstError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Results for tests of reports: one step of a millisecond, on a device of its own. */
final class Measured {
  static final DeviceInfo DEVICE = new DeviceInfo("cpu", "a processor", Availability.yes("always"));

  private Measured() {}

  static Workload workload(int layers) {
    return new Workload(2, 3, 4, AttentionShape.of(8, 2, 16), DataType.F32, layers);
  }

  static Measurement of(
      long peakBytes,
      long kvBytes,
      @Nullable Double rooflineFraction,
      @Nullable List<Double> kernelMicros) {
    StepTimes times = new StepTimes();
    times.add(1, new double[] {1000});
    WorstError error = new WorstError(1e-7, 0, 1e-7);
    AttentionPlan plan = new AttentionPlan(List.of());
    return new Measurement(
        times, 2000, peakBytes, kvBytes, error, rooflineFraction, kernelMicros, plan);
  }
}
