package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.bench.Result.Measurement;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SuiteTest {
  private static final DeviceInfo DEVICE = Measured.DEVICE;

  @Test
  void originalIsThatOfTheReadme() {
    String table =
        Suite.ORIGINAL.workloads(DataType.BF16, 1).stream()
            .map(Workload::describe)
            .map(text -> text.replaceAll("[^0-9]+", " ").strip())
            .collect(Collectors.joining("\n"));
    // Batch, prefix, output, query heads, kv heads, head dim, bits.
    assertEquals(
        """
        64 1024 512 32 32 128 16
        64 2048 512 32 32 128 16
        256 2048 512 32 32 128 16
        256 2048 1024 32 32 128 16
        256 4096 1024 32 32 128 16
        512 2048 512 32 8 128 16
        512 4096 512 32 8 128 16
        1024 4096 512 32 8 128 16
        1024 8192 512 32 8 128 16
        1024 16384 512 32 8 128 16""",
        table);
  }

  @Test
  void cacheBytesAreThoseOfTheOriginal() {
    Workload last = Suite.ORIGINAL.workloads(DataType.BF16, 1).get(9);
    assertEquals(1024L * (16384 + 512) * 8 * 128 * 2 * 2, last.kvBytes(Method.FLASH));
    assertEquals((16384L + 1024 * 512) * 8 * 128 * 2 * 2, last.kvBytes(Method.HYDRAGEN));
  }

  @Test
  void layersMultiplyTheCacheOfEachWorkload() {
    List<Workload> one = Suite.ORIGINAL.workloads(DataType.BF16, 1);
    List<Workload> three = Suite.ORIGINAL.workloads(DataType.BF16, 3);
    for (int i = 0; i < one.size(); i++) {
      for (Method method : Method.values()) {
        assertEquals(3 * one.get(i).kvBytes(method), three.get(i).kvBytes(method));
      }
    }
  }

  @Test
  void layersAreToldOnceWhereThereAreSeveral() {
    String layers = "Layers:   3 a step, one after the other";
    assertEquals(1, suiteLines(null, 3).stream().filter(layers::equals).count());
    assertTrue(suiteLines(null).stream().noneMatch(line -> line.contains("ayer")));
  }

  @Test
  void oneTableGoesOnPastWhatDoesNotFit() {
    List<String> lines = suiteLines(null);
    assertTrue(
        lines.get(lines.size() - 3).startsWith("| batch, prefix, output, heads"), lines::toString);
    assertEquals(
        "| 2, 3, 4, 8/2 | OOM | 2000 | - | OOM | 3.00 GiB | 1.0e-07 |",
        lines.getLast().replaceAll(" +", " "));
    assertEquals(lines.get(lines.size() - 3).length(), lines.getLast().length());
  }

  @Test
  void timesOfKernelsStandBesideThoseOfSteps() {
    String line = suiteLines(List.of(200.0, 400.0, 900.0)).getLast().replaceAll(" +", " ");
    assertTrue(line.endsWith("| 1.00 ms | 0.40 ms |"), line);
  }

  /** A suite of one workload, with times of kernels if there are any. */
  private static List<String> suiteLines(@Nullable List<Double> kernelMicros) {
    return suiteLines(kernelMicros, 1);
  }

  private static List<String> suiteLines(@Nullable List<Double> kernelMicros, int layers) {
    Workload workload = Measured.workload(layers);
    Measurement measured = Measured.of(3L << 30, 2L << 30, null, kernelMicros);
    StringWriter out = new StringWriter();
    TextReport report =
        new TextReport(
            new PrintWriter(out), DEVICE, new StepSampling(3), false, kernelMicros != null);
    report.header(List.of(workload, workload), EnumSet.allOf(Method.class));
    report.suiteRow(
        workload,
        List.of(
            new Result(workload, Method.HYDRAGEN, DEVICE, false, measured, null),
            new Result(workload, Method.FLASH, DEVICE, false, null, "too large")));
    return out.toString().lines().toList();
  }
}
