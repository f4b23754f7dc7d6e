package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.bench.Result.Measurement;
import io.github.hydragen.cli.check.WorstError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CsvReportTest {
  private static final String HEAD =
      "method,backend,device,batch,prefix,output,queryHeads,kvHeads,headDim,dtype,layers,resident,"
          + "tokensPerSecond,stepMicrosMedian,stepMicrosP10,stepMicrosP90,kernelMicros,peakBytes,"
          + "kvBytes,maxAbsError,rooflineFraction,skipped";
  private static final String WORKLOAD = "hydragen,cpu,a processor,2,3,4,8,2,16,f32,5,false,";

  @Test
  void timesOfKernelsAreOneCell() {
    assertEquals(
        List.of(HEAD, WORKLOAD + "2000.0,1000.0,1000.0,1000.0,200.0 400.5,30,20,1.0E-7,0.5,"),
        lines(measured(List.of(200.0, 400.5)), null));
  }

  @Test
  void withoutTimesOfKernelsItIsEmpty() {
    assertEquals(
        List.of(HEAD, WORKLOAD + "2000.0,1000.0,1000.0,1000.0,,30,20,1.0E-7,0.5,"),
        lines(measured(null), null));
  }

  @Test
  void whatWasSkippedHasAllColumns() {
    assertEquals(List.of(HEAD, WORKLOAD + ",,,,,,,,,too large"), lines(null, "too large"));
  }

  private static Measurement measured(@Nullable List<Double> kernelMicros) {
    StepTimes times = new StepTimes();
    times.add(1, new double[] {1000});
    WorstError error = new WorstError(1e-7, 0, 1e-7);
    AttentionPlan plan = new AttentionPlan(List.of());
    return new Measurement(times, 2000, 30, 20, error, 0.5, kernelMicros, plan);
  }

  private static List<String> lines(@Nullable Measurement measured, @Nullable String skipped) {
    Workload workload = new Workload(2, 3, 4, AttentionShape.of(8, 2, 16), DataType.F32, 5);
    DeviceInfo device = new DeviceInfo("cpu", "a processor", Availability.yes("always"));
    return CsvReport.of(
            List.of(new Result(workload, Method.HYDRAGEN, device, false, measured, skipped)))
        .lines()
        .toList();
  }
}
