package io.github.hydragen.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalTest {
  @Test
  void messagesGoStraightToATerminalOfThatName(@TempDir Path folder) throws Exception {
    Path screen = Files.createFile(folder.resolve("screen"));
    System.setProperty("hydragen.terminal", screen.toString());
    try {
      Terminal terminal = Terminal.system();
      terminal.err().print("drawn");
      terminal.err().flush();
    } finally {
      System.clearProperty("hydragen.terminal");
    }
    assertEquals("drawn", Files.readString(screen));
  }
}
