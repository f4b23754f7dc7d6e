package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.bench.Result.Measurement;
import io.github.hydragen.cli.check.WorstError;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TextReportTest {
  private static final String TOO_LOW = "The roofline is too low: ";

  @Test
  void aRooflineThatWasExceededIsToBeMeasuredAgain() {
    String table = table(1.4);
    assertTrue(table.contains("| Of the roofline  |             140% |"), table);
    assertTrue(table.contains(TOO_LOW), table);
    assertTrue(table.contains("--calibrate"), table);
  }

  @Test
  void noiseIsNotARooflineThatWasExceeded() {
    assertEquals(-1, table(1.02).indexOf(TOO_LOW));
    assertEquals(-1, table(0.5).indexOf(TOO_LOW));
    assertEquals(-1, table(null).indexOf(TOO_LOW));
  }

  private static String table(@Nullable Double rooflineFraction) {
    StepTimes times = new StepTimes();
    times.add(1, new double[] {1000});
    WorstError error = new WorstError(1e-7, 0, 1e-7);
    AttentionPlan plan = new AttentionPlan(List.of());
    Measurement measured =
        new Measurement(times, 2000, 30, 20, error, rooflineFraction, null, plan);
    Workload workload = new Workload(2, 3, 4, AttentionShape.of(8, 2, 16), DataType.F32, 1);
    DeviceInfo device = new DeviceInfo("cpu", "a processor", Availability.yes("always"));
    StringWriter text = new StringWriter();
    new TextReport(new PrintWriter(text), device, new StepSampling(3), false, false)
        .table(List.of(new Result(workload, Method.HYDRAGEN, device, false, measured, null)));
    return text.toString();
  }
}
