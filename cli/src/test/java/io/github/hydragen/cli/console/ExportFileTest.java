package io.github.hydragen.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFileTest {
  private final Path folder;

  ExportFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("x.json");
    Files.writeString(file, "old");
    ExportFile.checked("--x", file).write("new");
    assertEquals("new", Files.readString(file));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void checkingWritesNothing() throws IOException {
    ExportFile.checked("--x", folder.resolve("x.json"));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void followsALink() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    ExportFile.checked("--x", link).write("new");
    assertEquals("new", Files.readString(file));
    assertTrue(Files.isSymbolicLink(link));
  }

  @Test
  void knowsTheSameFileByAnotherName() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("."));
    ExportFile one = ExportFile.checked("--x", folder.resolve("file"));
    ExportFile linked = ExportFile.checked("--y", link.resolve("./file"));
    assertTrue(one.isSame(linked));
    Files.writeString(folder.resolve("file"), "now it exists");
    assertTrue(one.isSame(linked));
    assertFalse(one.isSame(ExportFile.checked("--y", folder.resolve("other"))));
  }

  @Test
  void whatFailsAtTheEndNamesTheOptionTheFileAndTheReason() throws IOException {
    Path gone = Files.createDirectory(folder.resolve("gone"));
    ExportFile file = ExportFile.checked("--x", gone.resolve("y"));
    Files.delete(gone);
    IOException e = assertThrows(IOException.class, () -> file.write("text"));
    assertEquals("--x " + gone.resolve("y") + ": its directory is gone", e.getMessage());
  }

  @Test
  void refusesWhatCannotBeWritten() {
    for (Path path : List.of(folder, folder.resolve("no/file"), Path.of("/dev/null/x"))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> ExportFile.checked("--x", path));
      assertTrue(String.valueOf(e.getMessage()).startsWith("--x " + path), e.toString());
    }
  }
}
