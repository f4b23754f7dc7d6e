package io.github.hydragen.cli.console;

import io.github.hydragen.spi.WholeFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file to write at the end of a run: whether that will work is known before it starts. */
public final class ExportFile {
  private final String name;
  private final Path path;

  private ExportFile(String name, Path path) {
    this.name = name;
    this.path = path;
  }

  /**
   * Checks that a file can be written.
   *
   * @param option the option that names it, for messages
   * @throws IllegalArgumentException if it cannot
   */
  public static ExportFile checked(String option, Path path) {
    Path absolute = path.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || Files.isDirectory(absolute)) {
      throw new IllegalArgumentException(option + " " + path + " is a directory: name a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          option + " " + path + ": there is no directory " + folder + ", create it first");
    }
    if (!Files.isWritable(folder) || (Files.exists(absolute) && !Files.isWritable(absolute))) {
      throw new IllegalArgumentException(
          option + " " + path + " is not writable: choose another place");
    }
    return new ExportFile(option + " " + path, absolute);
  }

  /** Whether both are the same file, by whatever names. */
  public boolean isSame(ExportFile other) {
    return place(path).equals(place(other.path));
  }

  /** Where a file is or will be, without links. */
  private static Path place(Path path) {
    try {
      return Files.exists(path)
          ? path.toRealPath()
          : path.resolveSibling("").toRealPath().resolve(path.getFileName());
    } catch (IOException e) {
      return path; // Writing will say what is wrong with it.
    }
  }

  /**
   * Writes the whole file or, on an error, none of it.
   *
   * @throws IOException with the option, the file as it was named and the reason
   */
  public void write(String text) throws IOException {
    try {
      put(text);
    } catch (IOException e) {
      throw new IOException(name + ": " + reason(e), e);
    }
  }

  /** Why a file could not be used, without its name: that of a part written first nobody knows. */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "its directory is gone";
    }
    String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }

  private void put(String text) throws IOException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      Files.writeString(path, text); // A device or a pipe: not to be replaced by a file.
      return;
    }
    WholeFile.write(path, part -> Files.writeString(part, text));
  }
}
