package io.github.hydragen.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class GivenNamesTest {
  private static Supplier<String> failing(String message) {
    return () -> {
      throw new IllegalArgumentException(message);
    };
  }

  @Test
  void whatSucceedsIsPassedOn() {
    assertEquals("done", GivenNames.in(() -> "done", "--batch"));
  }

  @Test
  void parametersBecomeOptionsWhereTheyAreWholeWords() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                GivenNames.in(
                    failing("heads 3: kvHeads 2, not queryHeads of --heads"),
                    "--heads",
                    "--kv-heads"));
    assertEquals("--heads 3: --kv-heads 2, not queryHeads of --heads", e.getMessage());
  }

  @Test
  void aParameterMayBeWhatSeveralOptionsMake() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                GivenNames.in(
                    failing("capacity 9 is too large"),
                    Map.of("capacity", "--prefix plus --output")));
    assertEquals("--prefix plus --output 9 is too large", e.getMessage());
  }
}
