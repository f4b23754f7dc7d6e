package io.github.hydragen.benchmarks.compare;

import static java.util.Objects.requireNonNullElse;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Path folder;

  CompareTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private int run(String... args) {
    return Compare.run(
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false), args);
  }

  @Test
  void theQuickRunMeasuresOneCaseOfEachSectionAndWritesWhatItReadsAgain() throws IOException {
    Path json = folder.resolve("quick.json");
    assertEquals(ExitCode.DONE, run("--quick", "--export-json", json.toString()), err::toString);
    String text = Files.readString(json);
    ComparisonFile file = ComparisonFile.of(text);
    assertEquals(text, file.toJson());
    Set<Section> sections =
        file.results().stream().map(Result::section).collect(Collectors.toSet());
    assertEquals(EnumSet.allOf(Section.class), sections);
    for (Result result : file.results()) {
      assertAll(
          result.toString(),
          () -> assertTrue(result.limits().flopsPerSecond() > 0),
          () -> assertTrue(result.limits().bytesPerSecond() > 0),
          () -> assertEquals(result.skipped() == null, result.samples() > 0),
          () -> assertTrue(out.toString().contains("| " + result.contender())));
    }
    assertTrue(
        file.results().stream()
            .filter(r -> r.contender().startsWith("hydragen"))
            .allMatch(r -> requireNonNullElse(r.maxAbsError(), 1.0) < 2e-5));
  }

  @Test
  void chooses() {
    int code = run("--quick", "--sections", "prefix", "--without", "scalar-loop");
    assertEquals(ExitCode.DONE, code, err::toString);
    assertTrue(out.toString().contains("prefix: 4 x 64 + 0"), out::toString);
    assertFalse(out.toString().contains("scalar-loop"), out::toString);
    assertFalse(out.toString().contains("step:"), out::toString);
  }

  @Test
  void badUsageIsOneLine() {
    assertEquals(ExitCode.USAGE, run("--quick", "--cases", "no such case"));
    // A build with the profile peers may have left its list of peers behind.
    List<String> lines =
        err.toString().lines().filter(l -> !l.startsWith("compare: skipped")).toList();
    assertEquals(List.of("compare: no case is left: choose fewer restrictions"), lines);
  }
}
