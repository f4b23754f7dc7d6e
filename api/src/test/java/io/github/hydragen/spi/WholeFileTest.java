package io.github.hydragen.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  private final Path folder;

  WholeFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private void assertOnlyFiles(int count) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(count, files.count());
    }
  }

  @Test
  void replacesWhatIsThere() throws IOException {
    Path file = folder.resolve("a.txt");
    WholeFile.write(file, part -> Files.writeString(part, "one"));
    WholeFile.write(file, part -> Files.writeString(part, "two"));
    assertEquals("two", Files.readString(file));
    assertOnlyFiles(1);
  }

  @Test
  void aFailureChangesNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    assertThrows(
        IOException.class,
        () ->
            WholeFile.write(
                file,
                part -> {
                  Files.writeString(part, "half");
                  throw new IOException("full");
                }));
    assertEquals("old", Files.readString(file));
    assertOnlyFiles(1);
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    WholeFile.write(link, part -> Files.writeString(part, "new"));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
    assertOnlyFiles(2);
  }
}
