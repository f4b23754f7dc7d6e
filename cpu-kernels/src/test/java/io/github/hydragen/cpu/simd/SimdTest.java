package io.github.hydragen.cpu.simd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which loops a JVM gets, in JVMs of their own. */
class SimdTest {
  private static String chosen(String option) throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules=jdk.incubator.vector",
                    option,
                    "-cp",
                    System.getProperty("java.class.path"),
                    Chosen.class.getName()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), US_ASCII);
    assertEquals(0, process.waitFor());
    return out.strip();
  }

  /** Prints it. */
  static final class Chosen {
    public static void main(String[] args) {
      System.out.println(Simd.best().isScalar() ? "scalars" : "vectors");
    }
  }

  @Test
  void vectorsAreForProcessorsWithFmaInstructions() throws Exception {
    assertEquals("scalars", chosen("-XX:-UseFMA"));
  }
}
