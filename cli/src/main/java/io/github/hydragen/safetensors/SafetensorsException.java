package io.github.hydragen.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/** A file that cannot be used. The message is one line that names the file and what is wrong. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * For a file.
   *
   * @param problem what is wrong, in words
   */
  public SafetensorsException(Path file, String problem) {
    super(Text.oneLine(file.toString()) + ": " + Text.oneLine(problem));
  }
}
