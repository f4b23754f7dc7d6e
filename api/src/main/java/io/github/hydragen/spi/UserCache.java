package io.github.hydragen.spi;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where what was measured on a machine is kept for its user. */
public final class UserCache {
  private UserCache() {}

  /**
   * A file in {@code hydragen} in the XDG cache directory; neither needs to exist. For users
   * without a home it is in the directory of temporary files.
   *
   * @param name of the file
   */
  public static Path file(String name) {
    return folder(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home")).resolve(name);
  }

  static Path folder(@Nullable String named, @Nullable String home) {
    Path caches = absolute(named);
    if (caches == null) {
      Path homes = absolute(home);
      caches =
          homes == null ? Path.of(System.getProperty("java.io.tmpdir")) : homes.resolve(".cache");
    }
    return caches.resolve("hydragen");
  }

  /**
   * What can be used. The XDG specification has relative paths ignored; Java says "?" for a home
   * that there is not; and a name beyond the charset of the locale is none that can be opened.
   */
  private static @Nullable Path absolute(@Nullable String text) {
    try {
      Path path = text == null ? null : Path.of(text);
      return path != null && path.isAbsolute() ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
