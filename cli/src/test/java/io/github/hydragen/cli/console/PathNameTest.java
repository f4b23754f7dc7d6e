package io.github.hydragen.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.cli.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PathNameTest {
  @Test
  void aNameIsAPath() {
    assertEquals(Path.of("a", "b c"), new PathName().convert("a/b c"));
  }

  @Test
  void whatTheLocaleCannotReadIsSaidWithTheRemedy() {
    assertEquals(
        "'c\uFFFD\uFFFDse' is not in the locale's charset, ANSI_X3.4-1968: set LC_ALL to a UTF-8"
            + " locale, for instance C.UTF-8",
        message("ANSI_X3.4-1968", "c\uFFFD\uFFFDse"));
    assertEquals(
        "'c\uFFFDse' is not in the locale's charset, UTF-8: rename it",
        message("UTF-8", "c\uFFFDse"));
  }

  private static String message(String charset, String value) {
    return String.valueOf(
        assertThrows(TypeConversionException.class, () -> new PathName(charset).convert(value))
            .getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"attend --output o --input", "attend --input i --output", "bench --export-csv"})
  void everyPathIsReadThus(String line) {
    for (String name : new String[] {"c\uFFFDse", ""}) {
      Cli.Result result = Cli.run((line + "=" + name).split(" "));
      assertEquals(ExitCode.USAGE, result.code(), result.err());
      assertEquals(1, result.errLines().size(), result.err());
      String reason =
          name.isEmpty() ? ": it is empty" : "'c\uFFFDse' is not in the locale's charset";
      assertTrue(result.err().contains(reason), result.err());
    }
  }
}
