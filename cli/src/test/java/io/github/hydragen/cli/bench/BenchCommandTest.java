package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.hydragen.cli.Cli;
import io.github.hydragen.cli.console.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
  private static final String SMALL =
      "bench --batch 4 --prefix 32 --output 16 --query-heads 4 --kv-heads 2 --head-dim 16 --steps 3";

  /** 16 TiB, whatever the method. */
  private static final String HUGE =
      "bench --backend reference --batch 1024 --prefix 32 --output 1048576";

  private final Path folder;

  BenchCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static Cli.Result run(String line, Object... more) {
    List<String> args = new ArrayList<>(List.of(line.split(" ")));
    Stream.of(more).map(String::valueOf).forEach(args::add);
    return Cli.run(args.toArray(String[]::new));
  }

  private static void assertRow(String metric, String cell, String out) {
    String row = Pattern.quote("| " + metric) + " *\\| +" + cell + " \\| +" + cell + " \\|";
    assertTrue(Pattern.compile(row).matcher(out).find(), metric + " in " + out);
  }

  @Test
  void printsHeaderAndTable() {
    Cli.Result result = run(SMALL + " --backend reference");
    String number = "[0-9.]+";
    assertAll(
        () -> assertEquals(ExitCode.DONE, result.code()),
        () -> assertEquals("", result.err()),
        () -> assertTrue(result.out().contains("Device:   reference: double"), result.out()),
        () -> assertTrue(result.out().contains("batch 4, prefix 32, output 16"), result.out()),
        () -> assertTrue(result.out().contains("4 query heads, 2 kv heads, head dim 16; bf16")),
        () -> assertFalse(result.out().contains("ayer"), result.out()),
        () -> assertTrue(result.out().contains("decode steps 1, 9, 16 of 16"), result.out()),
        () -> assertRow("Metric", "(FlashAttention|Hydragen)", result.out()),
        () -> assertRow("Tokens/s", number, result.out()),
        () -> assertRow("Peak memory", number + " MiB", result.out()),
        () -> assertRow("Step, median", number + " (us|ms)", result.out()),
        () -> assertRow("Step, p10", number + " (us|ms)", result.out()),
        () -> assertRow("Step, p90", number + " (us|ms)", result.out()),
        () -> assertRow("Max error", "[0-9.]+e-[0-9]+", result.out()),
        () -> assertTrue(result.out().matches("(?s).*Speed-up by sharing: [0-9.]+x\\R")));
  }

  @Test
  void cacheSizesAreThoseOfTheFormula() {
    // 2 x 2 heads x 16 elements x 2 bytes a token; 4 x 48 tokens and 32 + 4 x 16 tokens.
    String out = run(SMALL + " --backend reference").out();
    assertTrue(out.contains("KV cache: FlashAttention 0.02 MiB, Hydragen 0.01 MiB"), out);
  }

  @Test
  void oneMethodGivesOneColumn() {
    Cli.Result result = run(SMALL + " --backend reference --method flash");
    assertEquals(ExitCode.DONE, result.code());
    assertTrue(result.out().contains("FlashAttention |"), result.out());
    assertFalse(result.out().contains("Hydragen"), result.out());
    assertFalse(result.out().contains("Speed-up"), result.out());
  }

  @Test
  void explainShowsThePlan() {
    Cli.Result result = run(SMALL + " --backend wrong --explain --method hydragen");
    assertTrue(
        result
            .out()
            .contains(
                "Plan: prefix of 32 tokens at depth 0, 4 sequences: one shared pass (estimated:"
                    + " shared 12.5 us, separate 2.50 ms)"),
        result.out());
  }

  @Test
  void exportsTheSchema() throws IOException {
    Path json = folder.resolve("results.json");
    Cli.Result result = run(SMALL + " --backend reference --export-json", json);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    JsonSchema.assertValid(root);
    assertEquals(
        SMALL.replace("bench", "hydragen bench"),
        root.get("command").textValue().substring(0, SMALL.length() + 9));
    assertEquals(2, root.get("results").size());
    JsonNode shared = root.get("results").get(0);
    assertEquals("hydragen", shared.get("method").textValue());
    assertEquals(1, shared.get("layers").intValue());
    assertEquals("[1,9,16]", shared.get("sampledSteps").toString());
    assertEquals((32 + 4 * 16) * 128, shared.get("kvBytes").intValue());
    assertTrue(shared.get("skipped").isNull());
    assertEquals(4 * 48 * 128, root.get("results").get(1).get("kvBytes").intValue());
  }

  @Test
  void layersHaveTheirOwnCaches() throws IOException {
    Path json = folder.resolve("layers.json");
    Cli.Result result = run(SMALL + " --backend reference --layers 3 --export-json", json);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertTrue(result.out().contains("head dim 16; bf16; 3 layers\n"), result.out());
    assertTrue(
        result.out().contains("KV cache: FlashAttention 0.07 MiB, Hydragen 0.04 MiB"),
        result.out());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    JsonSchema.assertValid(root);
    JsonNode shared = root.get("results").get(0);
    assertEquals(3, shared.get("layers").intValue());
    assertEquals(3 * (32 + 4 * 16) * 128, shared.get("kvBytes").intValue());
    assertTrue(shared.get("peakBytes").intValue() >= 3 * (32 + 4 * 16) * 128, shared::toString);
    assertEquals(3 * 4 * 48 * 128, root.get("results").get(1).get("kvBytes").intValue());
  }

  @Test
  void aTokenOfSeveralLayersIsOneToken() throws IOException {
    Path json = folder.resolve("token.json");
    String one = SMALL.replace("--output 16", "--output 1").replace("--steps 3", "--steps all");
    Cli.Result result = run(one + " --backend reference --layers 3 --export-json", json);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    JsonNode shared = new ObjectMapper().readTree(Files.readString(json)).get("results").get(0);
    double seconds = shared.get("stepMicros").get("median").doubleValue() / 1e6;
    assertEquals(4, shared.get("tokensPerSecond").doubleValue() * seconds, 1e-9);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void resultsOfEveryLayerAreChecked(int wrong) {
    String method = SMALL + " --method hydragen --layers 3 --backend wrong:" + wrong;
    Cli.Result result = run(method);
    assertEquals(ExitCode.DIFFERS, result.code(), result.err());
    assertTrue(result.err().matches("(?s).*by 1.0e-03.*; 3 layers\\R"), result.err());
  }

  @Test
  void layersAreRefusedTogether() {
    // 64 x (32 + 4096) tokens of 16 KiB are 4 GiB, which a machine may have.
    String line = "bench --backend reference --prefix 32 --output 4096 --layers 1024";
    Cli.Result flash = run(line + " --method flash");
    assertEquals(ExitCode.DONE, flash.code(), flash.err());
    assertRow1("Tokens/s", "OOM", flash.out());
    assertTrue(flash.err().contains("a KV cache of 1024 layers needs 4128.00 GiB"), flash.err());
    Cli.Result shared = run(line + " --method hydragen");
    assertEquals(ExitCode.FAILED, shared.code());
    assertEquals(1, shared.errLines().size(), shared.err());
    assertTrue(shared.err().contains("a KV cache of 1024 layers needs 4096.50 GiB"), shared.err());
    assertTrue(shared.err().contains(": choose fewer --layers or"), shared.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " --suite original"})
  void layersOutOfRange(String more) {
    Cli.Result result = run("bench --backend reference --layers 0" + more);
    assertEquals(ExitCode.USAGE, result.code());
    assertEquals("", result.out());
    assertEquals(
        List.of("hydragen: --layers 0 is out of range: choose 1 to 1024"), result.errLines());
  }

  @Test
  void residentStepsAreCheckedAndExportedAsSuch() throws IOException {
    Path json = folder.resolve("resident.json");
    String small =
        "bench --batch 2 --prefix 8 --output 3 --query-heads 2 --kv-heads 1 --head-dim 32";
    Cli.Result result =
        run(
            small + " --steps 1 --method hydragen --resident --backend simulator --export-json",
            json);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertTrue(result.out().contains("Resident: queries, new tokens and outputs"), result.out());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    JsonSchema.assertValid(root);
    JsonNode shared = root.get("results").get(0);
    assertTrue(shared.get("resident").booleanValue());
    assertTrue(shared.get("maxAbsError").doubleValue() < 2e-5, shared::toString);
  }

  @Test
  void layersOfAResidentStepAreChecked() throws IOException {
    Path json = folder.resolve("resident-layers.json");
    String small =
        "bench --batch 2 --prefix 8 --output 3 --query-heads 2 --kv-heads 1 --head-dim 32";
    Cli.Result result =
        run(small + " --steps 1 --resident --layers 2 --backend simulator --export-json", json);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    JsonSchema.assertValid(root);
    for (JsonNode each : root.get("results")) {
      assertTrue(each.get("resident").booleanValue());
      assertEquals(2, each.get("layers").intValue());
      assertTrue(each.get("maxAbsError").doubleValue() < 2e-5, each::toString);
    }
  }

  @Test
  void moreLayersThanAResidentStepTakesAreOneLine() {
    Cli.Result result = run(SMALL + " --resident --layers 9 --backend simulator");
    assertEquals(ExitCode.USAGE, result.code(), result.err());
    assertEquals("", result.out());
    assertEquals(1, result.errLines().size(), result.err());
    assertTrue(result.err().startsWith("hydragen: --resident: "), result.err());
    assertTrue(result.err().contains("8"), result.err());
  }

  @Test
  void backendWithoutResidentSteps() {
    Cli.Result result = run(SMALL + " --resident --backend reference");
    assertEquals(ExitCode.USAGE, result.code());
    assertEquals("", result.out());
    assertEquals(
        List.of(
            "hydragen: --resident: backend reference does not keep queries and outputs on a device:"
                + " use append and attend"),
        result.errLines());
  }

  @Test
  void exportsCsvWithALineForEachMethod() throws IOException {
    Path csv = folder.resolve("results.csv");
    Cli.Result result = run(SMALL + " --backend reference --export-csv", csv);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    List<String> lines = Files.readAllLines(csv);
    assertEquals(3, lines.size());
    assertTrue(lines.get(0).startsWith("method,backend,device,batch,prefix,output,"));
    assertTrue(lines.get(1).startsWith("hydragen,reference,\"double precision, "), lines.get(1));
    assertTrue(lines.get(2).startsWith("flash,reference,"), lines.get(2));
  }

  @Test
  void twoExportsIntoOneFileAreRefused() {
    Path file = folder.resolve("both");
    Cli.Result result =
        run(SMALL + " --backend reference --export-json " + file + " --export-csv " + file);
    assertEquals(ExitCode.USAGE, result.code());
    assertEquals("", result.out());
    assertEquals(
        List.of("hydragen: --export-json and --export-csv are both " + file + ": name two files"),
        result.errLines());
    assertFalse(Files.exists(file));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anExportThatFailsDoesNotTakeTheOtherWithIt() throws IOException {
    Path csv = folder.resolve("results.csv");
    Cli.Result result =
        run(SMALL + " --backend reference --export-json /dev/full --export-csv", csv);
    assertEquals(ExitCode.FAILED, result.code());
    assertEquals(
        List.of("hydragen: --export-json /dev/full: No space left on device"), result.errLines());
    assertEquals(3, Files.readAllLines(csv).size());
  }

  @Test
  void allStepsAreTimedOnce() throws IOException {
    Path json = folder.resolve("all.json");
    Cli.Result result =
        run(SMALL.replace("--steps 3", "--steps all") + " --backend reference --export-json", json);
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertTrue(result.out().contains("all 16 decode steps, once each"), result.out());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    assertEquals(16, root.get("results").get(0).get("sampledSteps").size());
  }

  @Test
  void aSampleThatHappensToBeAllStepsIsRepeated() {
    Cli.Result result =
        run(SMALL.replace("--output 16", "--output 2") + " --method hydragen --backend reference");
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertTrue(
        result.out().contains("Timed:    all 2 decode steps, up to 30 times each\n"), result.out());
  }

  @Test
  void baselineThatDoesNotFitIsOutOfMemoryAndTheRunGoesOn() throws IOException {
    Path json = folder.resolve("oom.json");
    Cli.Result result = run(HUGE + " --method flash --export-json", json);
    assertEquals(ExitCode.DONE, result.code());
    assertRow1("Tokens/s", "OOM", result.out());
    assertRow1("Peak memory", "OOM", result.out());
    assertEquals(1, result.errLines().size());
    assertTrue(result.err().contains("needs"), result.err());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    JsonSchema.assertValid(root);
    assertTrue(root.get("results").get(0).get("skipped").textValue().contains("GiB"));
  }

  private static void assertRow1(String metric, String cell, String out) {
    assertTrue(out.matches("(?s).*\\| " + metric + " *\\| +" + cell + " \\|.*"), out);
  }

  @Test
  void whatDoesNotFitIsRefusedWithItsSize() {
    Cli.Result result = run(HUGE + " --method hydragen");
    assertEquals(ExitCode.FAILED, result.code());
    assertEquals(1, result.errLines().size(), result.err());
    assertTrue(result.err().matches("hydragen: .* needs [0-9.]+ GiB.*\\R"), result.err());
    assertFalse(result.err().contains("BF16"), result.err());
  }

  @Test
  void wrongResultsAreReportedAndExported() throws IOException {
    Path json = folder.resolve("wrong.json");
    Cli.Result result = run(SMALL + " --backend wrong --export-json", json);
    assertEquals(ExitCode.DIFFERS, result.code());
    assertEquals(2, result.errLines().size(), result.err());
    assertTrue(result.err().contains("differs from the exact reference by 1.0e-03"), result.err());
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    assertEquals(1e-3, root.get("results").get(0).get("maxAbsError").doubleValue(), 1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"absent", "nonsense", "reference:7"})
  void backendThatIsNotAvailable(String backend) {
    Cli.Result result = run(SMALL + " --backend " + backend);
    assertEquals(ExitCode.UNAVAILABLE, result.code());
    assertEquals("", result.out());
    assertEquals(1, result.errLines().size(), result.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--batch x",
        "--batch 0",
        "--batch 9999999",
        "--batch 1 --batch 2",
        "--prefix -1",
        "--output 0",
        "--query-heads 3 --kv-heads 2",
        "--kv-heads 0",
        "--layers 0",
        "--layers x",
        "--layers 1025",
        "--head-dim 257",
        "--dtype f8",
        "--method slow",
        "--method ,",
        "--steps 0",
        "--steps some",
        "--steps 3.5",
        "--seed x",
        "--threads -1",
        "--suite unknown",
        "--suite original --batch 3",
        "--export-json",
        "--export-json .",
        "--export-json no/such/folder/x.json",
        "--export-csv /dev/null/x.csv",
        "--nonsense",
        "extra"
      })
  void badFlagIsOneLineBeforeAnythingRuns(String flags) {
    Cli.Result result = run("bench --backend reference " + flags);
    assertAll(
        () -> assertEquals(ExitCode.USAGE, result.code(), result.err()),
        () -> assertEquals("", result.out()),
        () -> assertEquals(1, result.errLines().size(), result.err()),
        () -> assertTrue(result.err().startsWith("hydragen: "), result.err()),
        () -> assertFalse(result.err().contains("Exception"), result.err()));
  }

  @ParameterizedTest
  @CsvSource({
    "--query-heads 0, --query-heads 0 is out of range: choose 1 to 1024",
    "--query-heads 6 --kv-heads 4,"
        + " --query-heads 6 is not a multiple of --kv-heads 4: change one of them",
    "--kv-heads -1, --kv-heads -1 is out of range: choose 1 to 1024",
    "--head-dim 257, --head-dim 257 is out of range: choose 1 to 256",
    "--batch 0, --batch 0 is out of range: choose 1 to 262144",
    "--threads -1, --threads -1 is out of range: choose 0 to 4096",
    "--page-tokens 17, --page-tokens 17 is not a multiple of 16: round it up"
  })
  void errorsNameTheOptionAndTheValue(String flags, String message) {
    Cli.Result result = run("bench --backend reference " + flags);
    assertEquals(ExitCode.USAGE, result.code(), result.err());
    assertEquals(List.of("hydragen: " + message), result.errLines());
  }
}
