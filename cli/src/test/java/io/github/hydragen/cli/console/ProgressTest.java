package io.github.hydragen.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter err = new StringWriter();

  private Progress progress(boolean interactive) {
    PrintWriter out = new PrintWriter(new StringWriter());
    return new Progress(new Terminal(out, new PrintWriter(err), interactive));
  }

  @Test
  void drawsForAPersonAndCleansUp() {
    try (Progress progress = progress(true)) {
      progress.show("timing", 0.5);
      String bar = "[" + "#".repeat(15) + ".".repeat(15) + "] timing";
      assertEquals("\r" + bar, err.toString());
    }
    assertTrue(err.toString().endsWith(" ".repeat(39) + "\r"), err.toString());
  }

  @Test
  void isSilentOtherwise() {
    try (Progress progress = progress(false)) {
      progress.show("timing", 0.5);
    }
    assertEquals("", err.toString());
  }
}
