package io.github.hydragen.cli.console;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Where and with what a result was measured.
 *
 * @param version of the project
 * @param commit abbreviated git commit, or {@code unknown}
 * @param date when, ISO 8601 in UTC
 * @param os name and version
 * @param arch instruction set
 * @param cpu model as the system names it
 * @param processors hardware threads that the JVM may use
 * @param memoryBytes of the machine or container
 * @param java version and vendor of the JVM
 */
public record Environment(
    String version,
    String commit,
    String date,
    String os,
    String arch,
    String cpu,
    int processors,
    long memoryBytes,
    String java) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** This process, now. */
  public static Environment here() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Environment(
        Version.number(),
        Version.commit(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize(),
        Runtime.version() + ", " + System.getProperty("java.vendor"));
  }

  /** Linux names the model in a file; elsewhere the instruction set has to do. */
  private static String cpuModel() {
    if (Files.isReadable(CPUINFO)) {
      try {
        List<String> lines = Files.readAllLines(CPUINFO);
        for (String line : lines) {
          if (line.startsWith("model name")) {
            return line.substring(line.indexOf(':') + 1).strip();
          }
        }
      } catch (IOException e) {
        return System.getProperty("os.arch");
      }
    }
    return System.getProperty("os.arch");
  }
}
