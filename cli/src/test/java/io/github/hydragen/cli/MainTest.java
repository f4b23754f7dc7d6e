package io.github.hydragen.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.cli.console.ExitCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "--nonsense", "devices --nonsense", "devices extra"})
  void badUsageIsOneLineOnStderr(String line) {
    Cli.Result result = Cli.run(line.isEmpty() ? new String[0] : line.split(" "));
    assertAll(
        () -> assertEquals(ExitCode.USAGE, result.code()),
        () -> assertEquals("", result.out()),
        () -> assertEquals(1, result.errLines().size(), result.err()),
        () -> assertTrue(result.err().startsWith("hydragen: "), result.err()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"devices", "completion bash", "--help", "devices --help", "--version"})
  void outputThatCannotBeWrittenIsAFailure(String line) {
    Cli.Result result = Cli.runIntoFullDevice(0, line.split(" "));
    assertEquals(ExitCode.FAILED, result.code());
    assertEquals(
        List.of("hydragen: the output could not be written: No space left on device"),
        result.errLines());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "verify", "attend --input in --output out"})
  void aBackendWithoutANameIsNotTheDefault(String line) {
    for (String name : List.of("", " ")) {
      Cli.Result result = Cli.run((line + " --backend=" + name).split(" (?!$)"));
      assertEquals(ExitCode.USAGE, result.code(), result.err());
      assertEquals("", result.out());
      assertTrue(result.err().contains("'--backend': it is empty, name one"), result.err());
      assertEquals(1, result.errLines().size(), result.err());
    }
  }

  @Test
  void whatIsWrittenToStreamsIsAllThere() {
    Cli.Result result = Cli.runIntoFullDevice(1 << 20, "devices");
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertEquals(Cli.run("devices").out(), result.out());
  }

  @Test
  void aCommandThatFailedKeepsItsCodeWhereOutputIsLost() {
    Cli.Result result =
        Cli.runIntoFullDevice(0, "verify --backend wrong --case 8x2x128-bf16-tree".split(" "));
    assertEquals(ExitCode.DIFFERS, result.code());
    assertEquals(1, result.errLines().size(), result.err());
  }

  @Test
  void stackTraceOnlyIfAsked() {
    Cli.Result result = Cli.run("--stacktrace", "nonsense");
    assertEquals(ExitCode.USAGE, result.code());
    assertTrue(result.err().contains("\tat "), result.err());
  }

  @Test
  void versionNamesTheCommit() {
    Cli.Result result = Cli.run("--version");
    assertEquals(ExitCode.DONE, result.code());
    assertTrue(
        result.out().matches("(?s)hydragen \\S+ \\(commit ([0-9a-f]{10}|unknown)\\)\\R.*"),
        result.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"attend", "devices", "completion"})
  void everyCommandHasHelpWithExamples(String command) {
    Cli.Result result = Cli.run(command, "--help");
    assertEquals(ExitCode.DONE, result.code());
    assertEquals("", result.err());
    assertTrue(result.out().contains("Examples:"), result.out());
    assertTrue(result.out().contains("./hydragen " + command), result.out());
  }

  @Test
  void devicesNamesEveryBackend() {
    Cli.Result result = Cli.run("devices");
    assertEquals(ExitCode.DONE, result.code());
    assertTrue(result.out().contains("reference       available: "), result.out());
    assertTrue(
        result.out().contains("absent          not available: this machine has no abacus"),
        result.out());
    assertTrue(result.out().contains("remedy: buy one"), result.out());
  }

  @Test
  void devicesPrintsNoHalfOfAList() {
    System.setProperty("hydragen.tornado.kernels", "fast");
    try {
      Cli.Result result = Cli.run("devices");
      assertEquals(ExitCode.USAGE, result.code(), result.err());
      assertEquals("", result.out());
      assertEquals(1, result.errLines().size(), result.err());
      assertTrue(result.err().contains("hydragen.tornado.kernels=fast"), result.err());
    } finally {
      System.clearProperty("hydragen.tornado.kernels");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionKnowsTheCommands(String shell) {
    Cli.Result result = Cli.run("completion", shell);
    assertEquals(ExitCode.DONE, result.code());
    assertTrue(result.out().contains("complete -F _complete_hydragen"), result.out());
    assertTrue(result.out().contains("devices"), result.out());
  }
}
