package io.github.hydragen.cpu.sharing;

import io.github.hydragen.DataType;
import io.github.hydragen.spi.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/** Rates that were measured on a machine, kept in a file with those of others. */
public final class SharingRatesFile {
  private static final System.Logger LOG = System.getLogger(SharingRatesFile.class.getName());

  private final Path file;
  private final String machine;

  /**
   * A file that need not exist.
   *
   * @param machine all that rates depend on, in words
   */
  public SharingRatesFile(Path file, String machine) {
    this.file = file;
    this.machine = machine;
  }

  /** What was kept; empty if there is nothing that can be used. */
  public Optional<SharingRates> read(DataType type) {
    return SharingRates.parse(all().getProperty(name(type), ""));
  }

  private String name(DataType type) {
    return machine + ", " + type;
  }

  private Properties all() {
    Properties all = new Properties();
    if (Files.isReadable(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        all.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        LOG.log(System.Logger.Level.DEBUG, "measured rates cannot be read from " + file, e);
        return new Properties();
      }
    }
    return all;
  }

  /** Adds rates to the file, in place of earlier ones; where it cannot be written, nothing is. */
  public void write(DataType type, SharingRates rates) {
    Properties all = all();
    all.setProperty(name(type), rates.text());
    try {
      StringWriter text = new StringWriter();
      all.store(text, "Hydragen: nanoseconds of the CPU engine's parts, from which it decides");
      Files.createDirectories(file.toAbsolutePath().getParent());
      WholeFile.write(file, part -> Files.writeString(part, text.toString()));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "measured rates are not kept in " + file, e);
    }
  }
}
