package io.github.hydragen.spi;

import java.nio.file.Path;

/** Where what was measured on a machine is kept for its user. */
public final class UserCache {
  private UserCache() {}

  /**
   * A file in {@code hydragen} in the XDG cache directory; neither needs to exist.
   *
   * @param name of the file
   */
  public static Path file(String name) {
    String named = System.getenv("XDG_CACHE_HOME");
    // The XDG specification: a relative path is to be ignored.
    boolean usable = named != null && Path.of(named).isAbsolute();
    Path caches = usable ? Path.of(named) : Path.of(System.getProperty("user.home", "."), ".cache");
    return caches.resolve("hydragen").resolve(name);
  }
}
