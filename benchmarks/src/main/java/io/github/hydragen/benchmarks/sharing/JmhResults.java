package io.github.hydragen.benchmarks.sharing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The points of {@link SharingPoint} in a file of JMH's results, in JSON. */
final class JmhResults {
  private JmhResults() {}

  /** A layout's points, in the order of the file. */
  static List<SharingCell> read(Path file, Layout layout) throws IOException {
    List<SharingCell> cells = new ArrayList<>();
    for (JsonNode result : new ObjectMapper().readTree(file.toFile())) {
      if (result.path("params").path("layout").asText().equals(layout.text())) {
        cells.add(cell(result));
      }
    }
    return cells;
  }

  private static SharingCell cell(JsonNode result) {
    JsonNode params = result.path("params");
    double[] auto = rounds(result, "auto");
    double[] shared = rounds(result, "shared");
    double[] separate = rounds(result, "separate");
    double[] own = rounds(result, "own");
    boolean withOwn = own[0] > 0;
    boolean chosen = median(rounds(result, "chosen")) > 0.5;
    return new SharingCell(
        params.path("batch").asInt(),
        params.path("prefix").asInt(),
        chosen,
        median(rounds(result, "estimatedShared")),
        median(rounds(result, "estimatedSeparate")),
        median(auto),
        median(shared),
        median(separate),
        withOwn ? median(own) : null,
        loss(auto, chosen ? separate : shared),
        loss(auto, chosen ? shared : separate),
        withOwn ? loss(auto, own) : null,
        auto.length,
        result.path("forks").asInt());
  }

  /** What was counted in each iteration of all JVMs. */
  private static double[] rounds(JsonNode result, String counter) {
    List<Double> all = new ArrayList<>();
    for (JsonNode fork : result.path("secondaryMetrics").path(counter).path("rawData")) {
      fork.forEach(iteration -> all.add(iteration.asDouble()));
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("JMH's results lack the counter " + counter);
    }
    return all.stream().mapToDouble(x -> x).toArray();
  }

  private static MedianInterval loss(double[] mine, double[] other) {
    return MedianInterval.of(
        IntStream.range(0, mine.length).mapToDouble(i -> mine[i] / other[i] - 1).toArray());
  }

  private static double median(double[] rounds) {
    return MedianInterval.of(rounds).median();
  }
}
