package io.github.hydragen.cli.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.cli.Cli;
import io.github.hydragen.cli.console.ExitCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyCommandTest {
  @Test
  void everyCaseOfTheGridPassesOnTheReference() {
    Cli.Result result = Cli.run("verify", "--backend", "reference");
    assertEquals(ExitCode.DONE, result.code(), result.out());
    assertEquals("", result.err());
    List<String> lines = result.out().lines().toList();
    assertEquals(VerifyCase.grid().size() + 1, lines.size());
    assertTrue(
        lines.stream()
            .limit(lines.size() - 1)
            .allMatch(
                l ->
                    l.matches(
                        "PASS  (\\S+) +worst error [0-9.e-]+ +\\./hydragen verify --backend"
                            + " reference --case \\1")),
        result.out());
    assertEquals(VerifyCase.grid().size() + " passed, 0 failed", lines.getLast());
  }

  @Test
  void endsWhenItsReaderIsGone() {
    Cli.Result result = Cli.runIntoFullDevice(150, "verify", "--backend", "reference");
    assertEquals(ExitCode.FAILED, result.code());
    assertEquals(1, result.errLines().size(), result.err());
    assertEquals(150, result.out().length());
  }

  @Test
  void wrongBackendFailsWithTheCommandThatRepeatsIt() {
    Cli.Result result =
        Cli.run("verify", "--backend", "wrong", "--case", "8x2x128-bf16-tree", "--seed", "7");
    assertEquals(ExitCode.DIFFERS, result.code());
    assertTrue(
        result
            .out()
            .matches(
                "(?s)FAIL  8x2x128-bf16-tree +worst error 1.0e-03  \\./hydragen verify --backend"
                    + " wrong --case 8x2x128-bf16-tree --seed 7\\R0 passed, 1 failed\\R"),
        result.out());
  }

  @Test
  void whatIsNotSupportedIsSkippedAndNoFailure() {
    Cli.Result result = Cli.run("verify", "--backend", "wrong", "--case", "3x1x13-f16-flat");
    assertEquals(ExitCode.DONE, result.code(), result.out());
    assertTrue(
        result
            .out()
            .matches(
                "(?s)SKIP  3x1x13-f16-flat +head dimension 13 is not for the superstitious .*"
                    + "0 passed, 0 failed, 1 skipped\\R"),
        result.out());
  }

  @Test
  void aBackendsOwnToleranceCounts() {
    Cli.Result result = Cli.run("verify", "--backend", "wrong", "--case", "8x2x128-f16-tree");
    assertEquals(ExitCode.DONE, result.code(), result.out());
    assertTrue(result.out().endsWith("1 passed, 0 failed" + System.lineSeparator()), result.out());
  }

  @Test
  void pagesAreInTheCommandThatRepeatsACase() {
    Cli.Result result =
        Cli.run("verify --backend reference --case 8x2x128-f16-tree --page-tokens 32".split(" "));
    assertEquals(ExitCode.DONE, result.code(), result.out());
    assertTrue(result.out().contains("--case 8x2x128-f16-tree --page-tokens 32"), result.out());
  }

  @Test
  void backendThatIsNotAvailable() {
    Cli.Result result = Cli.run("verify", "--backend", "absent");
    assertEquals(ExitCode.UNAVAILABLE, result.code());
    assertEquals("", result.out());
    assertTrue(result.err().contains("no abacus; buy one"), result.err());
    assertEquals(1, result.errLines().size());
  }

  @Test
  void errorsNameTheOptionAndTheValue() {
    Cli.Result result = Cli.run("verify", "--page-tokens", "-1");
    assertEquals(ExitCode.USAGE, result.code());
    assertEquals("", result.out());
    assertEquals(
        List.of("hydragen: --page-tokens -1 is out of range: choose 0 to 1048576"),
        result.errLines());
  }

  @Test
  void anUnknownCaseIsToldWhatNamesAreMadeOf() {
    Cli.Result result = Cli.run("verify", "--case", "8x2x128");
    assertEquals(ExitCode.USAGE, result.code());
    assertEquals("", result.out());
    assertEquals(
        List.of(
            "hydragen: --case 8x2x128 is not in the grid: a name is a shape (4x4x128, 8x2x128,"
                + " 8x1x64, 2x2x256, 6x2x96, 3x1x13), a type (f32, f16, bf16) and a layout"
                + " (unshared, flat, tree, several, capped, window), as in 8x2x128-bf16-tree, or"
                + " random-N; verify without --case prints each"),
        result.errLines());
  }

  @Test
  void randomCasesHaveNamesThatRepeatThem() {
    Cli.Result several =
        Cli.run("verify", "--backend", "reference", "--random", "3", "--seed", "8");
    assertEquals(ExitCode.DONE, several.code(), several.out());
    List<String> lines = several.out().lines().toList();
    assertEquals(4, lines.size(), several.out());
    assertTrue(
        lines.get(2).matches("PASS  random-10 .* sequences \\d+.* --case random-10"),
        several.out());
    Cli.Result one = Cli.run("verify", "--backend", "reference", "--case", "random-10");
    assertEquals(lines.get(2), one.out().lines().findFirst().orElseThrow());
  }

  @Test
  void randomCasesFindAWrongBackend() {
    Cli.Result result = Cli.run("verify", "--backend", "wrong", "--random", "5");
    assertEquals(ExitCode.DIFFERS, result.code(), result.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--case nonsense",
        "--case random-",
        "--random 0",
        "--random 1000001",
        "--random 3 --case random-3",
        "--seed x",
        "--page-tokens 15",
        "--nonsense",
        "extra"
      })
  void badFlagIsOneLine(String flags) {
    Cli.Result result = Cli.run(("verify " + flags).split(" "));
    assertEquals(ExitCode.USAGE, result.code());
    assertEquals("", result.out());
    assertEquals(1, result.errLines().size(), result.err());
  }
}
