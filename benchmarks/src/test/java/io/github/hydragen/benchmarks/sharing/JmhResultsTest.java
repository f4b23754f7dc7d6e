package io.github.hydragen.benchmarks.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmhResultsTest {
  private static final Layout LAYOUT = new Layout(32, 8, 128, DataType.BF16);

  private final Path folder;

  JmhResultsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Two JVMs with two rounds each. */
  private static String result(String layout, String auto, String own) {
    return """
        {"forks": 2, "params": {"batch": "4", "prefix": "64", "layout": "%s"},
         "secondaryMetrics": {
          "auto": {"rawData": %s},
          "shared": {"rawData": [[20, 10], [10, 40]]},
          "separate": {"rawData": [[10, 5], [5, 20]]},
          "own": {"rawData": %s},
          "chosen": {"rawData": [[1, 1], [1, 1]]},
          "estimatedShared": {"rawData": [[8, 8], [8, 8]]},
          "estimatedSeparate": {"rawData": [[9, 9], [9, 9]]}}}
        """
        .formatted(layout, auto, own);
  }

  private Path file(String... results) throws IOException {
    return Files.writeString(folder.resolve("results.json"), "[" + String.join(",", results) + "]");
  }

  @Test
  void lossesAreWithinRoundsOfAllJvms() throws IOException {
    String auto = "[[20, 10], [10, 40]]";
    Path file =
        file(result("8:8:128:F32", auto, auto), result("32:8:128:BF16", auto, "[[0, 0], [0, 0]]"));
    List<SharingCell> cells = JmhResults.read(file, LAYOUT);
    assertEquals(1, cells.size());
    SharingCell cell = cells.getFirst();
    assertEquals(4, cell.batch());
    assertEquals(64, cell.prefix());
    assertTrue(cell.chosen());
    assertEquals(15, cell.microsShared());
    assertEquals(new MedianInterval(1, 1, 1), cell.loss());
    assertEquals(new MedianInterval(0, 0, 0), cell.noise());
    assertNull(cell.lossToOwn());
    assertNull(cell.microsOwn());
    assertEquals(4, cell.rounds());
    assertEquals(2, cell.jvms());
    assertTrue(cell.isWrong());
    assertFalse(cell.isClear());
    assertTrue(cell.isSuspect());
  }

  @Test
  void resultsOfAnotherBenchmarkAreRefused() throws IOException {
    Path file = file("{\"params\": {\"layout\": \"32:8:128:BF16\"}}");
    assertThrows(IllegalArgumentException.class, () -> JmhResults.read(file, LAYOUT));
  }

  @Test
  void aLayoutIsReadFromItsText() {
    assertEquals(LAYOUT, Layout.parse(LAYOUT.text()));
    assertThrows(IllegalArgumentException.class, () -> Layout.parse("32:8:128"));
  }
}
