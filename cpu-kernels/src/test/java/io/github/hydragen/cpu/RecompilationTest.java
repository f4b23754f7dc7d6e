package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.kernel.KernelPrimer;
import io.github.hydragen.cpu.simd.Simd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A suffix length that was not there before must not make the JVM throw compiled kernels away: see
 * {@link KernelPrimer}.
 *
 * <p>No time is measured. The JVM logs what it throws away, and waits for its compilers ({@code
 * -Xbatch}), so that all is compiled by the time that the lengths begin to change.
 */
class RecompilationTest {
  /** In the log's lines, which name the method that left its compiled code. */
  private static final String THROWN_AWAY = "trap_bci=";

  private static final List<String> KERNELS =
      List.of(CpuBackend.class.getPackageName() + ".", "jdk.incubator.vector.");

  static Stream<Arguments> engines() {
    return Stream.of(
        Arguments.of(DataType.F32, 2, 2, 24),
        Arguments.of(DataType.BF16, 2, 2, 16),
        Arguments.of(DataType.F16, 4, 1, 24));
  }

  @ParameterizedTest
  @MethodSource("engines")
  void newLengthsThrowNoKernelAway(DataType type, int queryHeads, int kvHeads, int sequences)
      throws IOException, InterruptedException {
    List<String> log = run(type.name(), "" + queryHeads, "" + kvHeads, "" + sequences);
    int warm = log.indexOf(StepsOfLengths.WARM);
    assertTrue(warm >= 0, () -> String.join("\n", log));
    assertTrue(
        log.subList(0, warm).stream().anyMatch(line -> line.contains(THROWN_AWAY)),
        "the JVM logs no deoptimisation at all, or in other words");
    List<String> late =
        log.subList(warm, log.size()).stream()
            .filter(line -> line.contains(THROWN_AWAY))
            .filter(line -> KERNELS.stream().anyMatch(line::contains))
            .toList();
    assertEquals(List.of(), late);
  }

  /** Vectors of the same size, or none, as in this JVM. */
  private static List<String> run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xbatch");
    command.add("-Xlog:deoptimization=debug:stdout:none");
    if (!Simd.best().isScalar()) {
      command.add("--add-modules=jdk.incubator.vector");
      command.add("-XX:MaxVectorSize=" + FloatVector.SPECIES_PREFERRED.vectorByteSize());
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(StepsOfLengths.class.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines;
    try (var reader = process.inputReader()) {
      lines = reader.lines().toList();
    }
    assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
    return lines;
  }
}
