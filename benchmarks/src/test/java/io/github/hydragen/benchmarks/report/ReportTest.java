package io.github.hydragen.benchmarks.report;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Path DOCS = Path.of("..", "docs");

  private static String bench(
      String command, String limits, String method, String backend, String speed, String skipped) {
    return String.format(
        Locale.ROOT,
        """
      {"schema": 1,
       "environment": {"version": "1", "commit": "c", "date": "2026-11-24T00:00:00Z", "os": "o",
         "arch": "a", "cpu": "host", "processors": 1, "memoryBytes": 1, "java": "25"},
       "command": "%s", %s
       "results": [
         {"method": "%s", "backend": "%s", "device": "a device", "batch": 2, "prefix": 10,
          "output": 1, "queryHeads": 4, "kvHeads": 2, "headDim": 8, "dtype": "f32",
          "tokensPerSecond": %s, "stepMicros": null, "sampledSteps": [], "peakBytes": null,
          "kvBytes": null, "maxAbsError": 0.001, "rooflineFraction": null, "skipped": %s}]}
      """,
        command,
        limits,
        method,
        backend,
        speed,
        skipped);
  }

  /** What is committed is what the generator makes of the committed measurements. */
  @Test
  void theDocumentationIsUpToDate() throws IOException {
    Map<Path, String> made = Report.made(DOCS);
    for (Map.Entry<Path, String> file : made.entrySet()) {
      String message = file.getKey() + " is stale: run the command in docs/performance.md";
      assertTrue(Files.exists(file.getKey()), message);
      assertEquals(file.getValue(), Files.readString(file.getKey()), message);
    }
  }

  @Test
  void filesOfAGroupShareATableWithTheLimit(@TempDir Path docs) throws IOException {
    Path folder = Files.createDirectory(docs.resolve("performance"));
    Path page = docs.resolve("performance.md");
    Files.writeString(
        page,
        "Before\n<!-- begin gpu speed -->\nold\n<!-- end -->\n\n<!-- begin gpu error -->\n<!-- end"
            + " -->\nAfter\n");
    String limits =
        "\"limits\": {\"flopsPerSecond\": 1e12, \"bytesPerSecond\": 1e9, \"source\": \"maker\"},";
    Files.writeString(
        folder.resolve("gpu.a.json"), bench("ours", limits, "hydragen", "tornado", "1000", "null"));
    Files.writeString(
        folder.resolve("gpu.b.json"),
        bench("its", "", "flash", "pytorch", "null", "\"no memory\""));
    Files.writeString(folder.resolve("other.json"), "{\"points\": []}");
    Map<Path, String> made = Report.made(docs);
    String text = requireNonNull(made.get(page));
    // 2 sequences, 12 tokens of 128 bytes to read: 1.536 us a step.
    String row = "| 2 x 10 + 1, 4/2, f32 |              1000 |      no memory | 1302083 |";
    assertTrue(text.contains(row), text);
    assertTrue(text.contains("tornado, hydragen") && text.contains("pytorch, flash"), text);
    assertTrue(text.startsWith("Before\n<!-- begin gpu speed -->\n![") && !text.contains("old"));
    assertTrue(text.endsWith("<!-- end -->\nAfter\n"), text);
    String picture = made.get(folder.resolve("gpu-speed.svg"));
    assertTrue(picture != null && picture.contains("limit: 1302083 tokens/s"), picture);
  }

  @Test
  void stepsOfSeveralLayersHaveARowAndALimitOfTheirOwn(@TempDir Path docs) throws IOException {
    Path folder = Files.createDirectory(docs.resolve("performance"));
    Path page = docs.resolve("performance.md");
    Files.writeString(page, "<!-- begin gpu speed -->\n<!-- end -->\n");
    String limits =
        "\"limits\": {\"flopsPerSecond\": 1e12, \"bytesPerSecond\": 1e9, \"source\": \"maker\"},";
    String one = bench("ours", limits, "hydragen", "tornado", "1000", "null");
    Files.writeString(folder.resolve("gpu.a.json"), one);
    Files.writeString(
        folder.resolve("gpu.b.json"),
        one.replace("\"dtype\"", "\"layers\": 4, \"dtype\"").replace("1000", "300"));
    String text = requireNonNull(Report.made(docs).get(page)).replaceAll(" +", " ");
    assertTrue(text.contains("| 2 x 10 + 1, 4/2, f32 | 1000 | 1302083 |"), text);
    assertTrue(text.contains("| 2 x 10 + 1, 4/2, f32, 4 layers | 300 | 325521 |"), text);
  }

  @Test
  void aPageThatAsksForWhatIsNotThereIsRefused(@TempDir Path docs) throws IOException {
    Path folder = Files.createDirectory(docs.resolve("performance"));
    Files.writeString(
        folder.resolve("gpu.json"), bench("ours", "", "hydragen", "tornado", "1000", "null"));
    Files.writeString(docs.resolve("performance.md"), "<!-- begin gpu sped -->\n<!-- end -->\n");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Report.made(docs));
    assertTrue(String.valueOf(e.getMessage()).contains("'gpu sped'"), e::getMessage);
  }

  @Test
  void picturesThatThePageDoesNotShowAreNotMade(@TempDir Path docs) throws IOException {
    Path folder = Files.createDirectory(docs.resolve("performance"));
    Files.writeString(
        folder.resolve("gpu.json"), bench("ours", "", "hydragen", "tornado", "1000", "null"));
    Path page = docs.resolve("performance.md");
    Files.writeString(page, "<!-- begin gpu error -->\n<!-- end -->\n");
    assertEquals(Set.of(page), Report.made(docs).keySet());
  }

  @Test
  void aGroupWithoutAFileIsNotMeasuredYet(@TempDir Path docs) throws IOException {
    Files.createDirectory(docs.resolve("performance"));
    Path page = docs.resolve("performance.md");
    Files.writeString(page, "<!-- begin gpu speed -->\n<!-- end -->\n");
    String text = Report.made(docs).get(page);
    assertEquals("<!-- begin gpu speed -->\nNot measured yet.\n<!-- end -->\n", text);
  }

  @Test
  void tablesAreAsWideAsTheirCells() {
    Markdown table = new Markdown("A", "Long heading");
    table.row("cell", "1");
    assertEquals(
        List.of("| A    | Long heading |", "|------|-------------:|", "| cell |            1 |"),
        table.toString().lines().toList());
    assertThrows(IllegalArgumentException.class, () -> table.row("one"));
    assertEquals("Not measured.\n", new Markdown("A").toString());
  }
}
