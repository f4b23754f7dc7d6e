package io.github.hydragen.cli.console;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the name of a file.
 *
 * <p>Java decodes arguments, and encodes names of files, in the charset of the locale. What it
 * cannot decode is lost, and the file would not be found: that is said instead.
 */
public final class PathName implements ITypeConverter<Path> {
  private static final char UNREADABLE = '\uFFFD';

  private final String charset;

  /** In the locale's charset. */
  public PathName() {
    this(System.getProperty("sun.jnu.encoding", "unknown"));
  }

  PathName(String charset) {
    this.charset = charset;
  }

  @Override
  public Path convert(String value) {
    if (value.isEmpty()) {
      throw new TypeConversionException("it is empty, name a file");
    }
    if (value.indexOf(UNREADABLE) < 0) {
      try {
        return Path.of(value);
      } catch (InvalidPathException e) {
        // Said below.
      }
    }
    String remedy =
        charset.equals("UTF-8")
            ? "rename it"
            : "set LC_ALL to a UTF-8 locale, for instance C.UTF-8";
    throw new TypeConversionException(
        "'" + value + "' is not in the locale's charset, " + charset + ": " + remedy);
  }
}
