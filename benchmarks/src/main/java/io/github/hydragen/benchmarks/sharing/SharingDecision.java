package io.github.hydragen.benchmarks.sharing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.hydragen.DataType;
import io.github.hydragen.cli.console.Environment;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the decision whether a prefix is shared: steps of 1 to 512 sequences behind prefixes of 16
 * to 16,384 tokens, by the engine's choice, always shared and always separate, in turns.
 *
 * <pre>
 * mvn -q -pl benchmarks -am package -DskipTests
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*" --add-modules jdk.incubator.vector \
 *   --enable-native-access=ALL-UNNAMED io.github.hydragen.benchmarks.sharing.SharingDecision docs
 * </pre>
 *
 * <p>Writes {@code performance/sharing-decision.json} and the tables of {@code sharing.md} in the
 * directory named. A second argument is the milliseconds for each point, 200 by default.
 */
public final class SharingDecision {
  private static final String CLASS = SharingDecision.class.getName();
  private static final String DEFAULT_MILLIS = "200";

  /** The group sizes of models, and one head, where sequences are what keeps workers busy. */
  private static final List<Layout> LAYOUTS =
      List.of(
          new Layout(8, 8, 128, DataType.F32),
          new Layout(8, 8, 128, DataType.BF16),
          new Layout(32, 8, 128, DataType.BF16),
          new Layout(8, 1, 128, DataType.BF16));

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SharingDecision() {}

  /** See the class; with a layout's number as a third argument, measures it and prints JSON. */
  public static void main(String[] args) throws IOException, InterruptedException {
    String millis = args.length > 1 ? args[1] : DEFAULT_MILLIS;
    if (args.length > 2) {
      Layout layout = LAYOUTS.get(Integer.parseInt(args[2]));
      long nanos = Long.parseLong(millis) * 1_000_000;
      MAPPER.writeValue(System.out, new SharingGrid(layout, nanos).measure());
    } else {
      Path docs = Path.of(args.length > 0 ? args[0] : "docs");
      Path document = docs.resolve("sharing.md");
      String before = Files.readString(document);
      Map<Layout, List<SharingCell>> grids = new LinkedHashMap<>();
      for (Layout layout : LAYOUTS) {
        System.err.println(layout.words());
        grids.put(layout, fork(docs, millis, LAYOUTS.indexOf(layout)));
      }
      Environment here = Environment.here();
      String command = "SharingDecision docs " + millis;
      Path json = docs.resolve("performance").resolve("sharing-decision.json");
      Files.createDirectories(docs.resolve("performance"));
      Files.writeString(json, json(here, command, grids));
      Files.writeString(
          document, SharingTable.replace(before, SharingTable.of(here, command, grids)));
    }
  }

  /** A JVM for each layout, as a program has: code that served several types is slower. */
  private static List<SharingCell> fork(Path docs, String millis, int layout)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), CLASS));
    command.addAll(List.of(docs.toString(), millis, String.valueOf(layout)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] output = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the measurement of layout " + layout + " failed: see above");
    }
    return List.of(MAPPER.readValue(output, SharingCell[].class));
  }

  private static String json(Environment here, String command, Map<Layout, List<SharingCell>> grids)
      throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schema", 1);
    root.set("environment", MAPPER.valueToTree(here));
    root.put("command", command);
    root.put("suffix", SharingGrid.SUFFIX);
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
