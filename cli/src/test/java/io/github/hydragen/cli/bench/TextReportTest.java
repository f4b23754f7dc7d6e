package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    StringWriter text = new StringWriter();
    Result result =
        new Result(
            Measured.workload(1),
            Method.HYDRAGEN,
            Measured.DEVICE,
            false,
            Measured.of(30, 20, rooflineFraction, null),
            null);
    new TextReport(new PrintWriter(text), Measured.DEVICE, new StepSampling(3), false, false)
        .table(List.of(result));
    return text.toString();
  }
}
