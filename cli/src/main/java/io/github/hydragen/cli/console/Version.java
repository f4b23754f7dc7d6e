package io.github.hydragen.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version and the commit it was built from, which the build writes to a resource. */
public final class Version implements IVersionProvider {
  /** The version of the project. */
  public static String number() {
    return properties().getProperty("version", "unknown");
  }

  /** The abbreviated git commit, or {@code unknown} for a build outside a checkout. */
  public static String commit() {
    return properties().getProperty("commit", "unknown");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "hydragen " + number() + " (commit " + commit() + ")",
      "Java " + Runtime.version() + ", " + System.getProperty("java.vm.vendor")
    };
  }

  private static Properties properties() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
