package io.github.hydragen.benchmarks.sharing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.hydragen.DataType;
import io.github.hydragen.cli.console.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the decision whether a prefix is shared: runs the JMH benchmark {@link SharingPoint} for 1
 * to 512 sequences behind prefixes of 16 to 16,384 tokens, and makes a report of its results.
 *
 * <pre>
 * mvn -q -pl benchmarks -am package -DskipTests
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*" \
 *   io.github.hydragen.benchmarks.sharing.SharingDecision docs
 * </pre>
 *
 * <p>The backend is calibrated first, if that was not done on this machine ({@code ./hydragen bench
 * --calibrate} does it again). All points of a layout are measured in one JVM, as a program has
 * one. Where the choice was slower than the other way by more than 5%, which may be chance, the
 * point is measured again, longer and in JVMs of its own. JMH's results go to {@code
 * benchmarks/target/sharing}, and what they come to into {@code performance/sharing-decision.json}
 * and the tables of {@code sharing.md} in the directory named. Further arguments, numbers from 0,
 * measure only these layouts, and {@code none} measures nothing; the report then has those of which
 * results are there.
 */
public final class SharingDecision {
  /** The group sizes of models, and one head, where sequences are what keeps workers busy. */
  private static final List<Layout> LAYOUTS =
      List.of(
          new Layout(8, 8, 128, DataType.F32),
          new Layout(8, 8, 128, DataType.BF16),
          new Layout(32, 8, 128, DataType.BF16),
          new Layout(8, 1, 128, DataType.BF16));

  private static final Path RESULTS = Path.of("benchmarks", "target", "sharing");

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SharingDecision() {}

  /** See the class. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path docs = Path.of(args.length > 0 ? args[0] : "docs");
    Files.createDirectories(RESULTS);
    int[] all = {0, 1, 2, 3};
    int[] asked =
        Arrays.stream(args)
            .skip(1)
            .filter(number -> !number.equals("none"))
            .mapToInt(Integer::parseInt)
            .toArray();
    for (int number : args.length > 1 ? asked : all) {
      measure(number);
    }
    Map<Layout, List<SharingCell>> grids = new LinkedHashMap<>();
    for (int number : all) {
      if (Files.exists(first(number))) {
        grids.put(LAYOUTS.get(number), cells(number));
      }
    }
    Path document = docs.resolve("sharing.md");
    String before = Files.readString(document);
    Environment here = Environment.here();
    Files.writeString(
        docs.resolve("performance").resolve("sharing-decision.json"), json(here, grids));
    Files.writeString(document, SharingTable.replace(before, SharingTable.of(here, grids)));
  }

  private static Path first(int layout) {
    return RESULTS.resolve("layout-" + layout + ".json");
  }

  private static Path again(int layout, SharingCell cell) {
    return RESULTS.resolve(
        "layout-%d-batch-%d-prefix-%d.json".formatted(layout, cell.batch(), cell.prefix()));
  }

  private static void measure(int number) throws IOException, InterruptedException {
    Layout layout = LAYOUTS.get(number);
    System.err.println(layout.words());
    jmh(layout, first(number), "-f", "0");
    for (SharingCell cell : JmhResults.read(first(number), layout)) {
      Files.deleteIfExists(again(number, cell));
      if (cell.isSuspect()) {
        System.err.printf("again: batch %d, prefix %d%n", cell.batch(), cell.prefix());
        String batch = "batch=" + cell.batch();
        jmh(layout, again(number, cell), "-p", batch, "-p", "prefix=" + cell.prefix());
      }
    }
  }

  /** Runs JMH as its command line does, in a JVM of its own. */
  private static void jmh(Layout layout, Path file, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules=jdk.incubator.vector"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:MaxDirectMemorySize=1024g");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.openjdk.jmh.Main"));
    command.addAll(List.of(SharingPoint.class.getName(), "-p", "layout=" + layout.text()));
    command.addAll(List.of("-v", "SILENT", "-rf", "json", "-rff", file.toString()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "the measurement of " + layout.words() + " failed: see above");
    }
  }

  /** Each point's last measurement. */
  private static List<SharingCell> cells(int number) throws IOException {
    Layout layout = LAYOUTS.get(number);
    List<SharingCell> cells = new ArrayList<>();
    for (SharingCell cell : JmhResults.read(first(number), layout)) {
      Path again = again(number, cell);
      cells.add(Files.exists(again) ? JmhResults.read(again, layout).getFirst() : cell);
    }
    return cells;
  }

  private static String json(Environment here, Map<Layout, List<SharingCell>> grids)
      throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schema", 2);
    root.set("environment", MAPPER.valueToTree(here));
    root.put("command", SharingTable.COMMAND);
    root.put("suffix", SharingPoint.SUFFIX);
    ArrayNode list = root.putArray("grids");
    grids.forEach(
        (layout, cells) -> {
          ObjectNode grid = list.addObject();
          grid.set("layout", MAPPER.valueToTree(layout));
          grid.set("points", MAPPER.valueToTree(cells));
        });
    return MAPPER.writeValueAsString(root) + "\n";
  }
}
