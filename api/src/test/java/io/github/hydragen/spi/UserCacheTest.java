package io.github.hydragen.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UserCacheTest {
  private static final Path ROOT = Path.of("").toAbsolutePath();
  private static final String HOME = ROOT.resolve("home").toString();
  private static final Path IN_HOME = ROOT.resolve("home/.cache/hydragen");

  @Test
  void theFolderThatIsNamedIsTaken() {
    assertEquals(
        ROOT.resolve("named/hydragen"), UserCache.folder(ROOT.resolve("named").toString(), HOME));
  }

  @Test
  void aNameThatIsRelativeOrNoPathIsIgnored() {
    assertEquals(IN_HOME, UserCache.folder(null, HOME));
    assertEquals(IN_HOME, UserCache.folder("", HOME));
    assertEquals(IN_HOME, UserCache.folder("named", HOME));
    assertEquals(IN_HOME, UserCache.folder("/no\0path", HOME));
  }

  @Test
  void withoutAHomeItIsAmongTemporaryFiles() {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"), "hydragen");
    assertEquals(temporary, UserCache.folder(null, "?"));
    assertEquals(temporary, UserCache.folder(null, "/no\0path"));
    assertEquals(temporary, UserCache.folder(null, null));
  }
}
