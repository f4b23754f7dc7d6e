package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.cli.bench.Result.Measurement;
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
    return Measured.of(30, 20, 0.5, kernelMicros);
  }

  private static List<String> lines(@Nullable Measurement measured, @Nullable String skipped) {
    Workload workload = Measured.workload(5);
    Result result =
        new Result(workload, Method.HYDRAGEN, Measured.DEVICE, false, measured, skipped);
    return CsvReport.of(List.of(result)).lines().toList();
  }
}
