package io.github.hydragen.spi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Writes files so that they are there complete or as they were. */
public final class WholeFile {
  /** Writes all of a new file. */
  @FunctionalInterface
  public interface Body {
    /**
     * Writes.
     *
     * @param file does not exist yet
     */
    void write(Path file) throws IOException;
  }

  private WholeFile() {}

  /**
   * Writes a file beside its place and then moves it there, over what is there. What a symbolic
   * link points to is replaced, not the link.
   *
   * @throws IOException if it cannot be written; a file that was there is then untouched
   */
  public static void write(Path target, Body body) throws IOException {
    Path place = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
    Path part = place.resolveSibling("." + place.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      body.write(part);
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
