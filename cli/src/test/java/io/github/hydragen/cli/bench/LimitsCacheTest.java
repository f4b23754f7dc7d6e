package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.Availability;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.DeviceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsCacheTest {
  private static final DeviceInfo DEVICE =
      new DeviceInfo("cpu", "a processor", new Availability(true, "", ""));
  private static final DeviceLimits FIRST = new DeviceLimits(4e11, 4e10);
  private static final DeviceLimits SECOND = new DeviceLimits(3e11, 3e10);

  private final Path file;
  private final LimitsCache cache;

  LimitsCacheTest(@TempDir Path folder) {
    this.file = folder.resolve("caches").resolve("limits.json");
    this.cache = new LimitsCache(file);
  }

  private DeviceLimits get(int threads, boolean renew, DeviceLimits now) {
    return cache.get(DEVICE, threads, renew, () -> Optional.of(now)).orElseThrow();
  }

  @Test
  void measuresOnce() {
    assertEquals(FIRST, get(2, false, FIRST));
    assertEquals(FIRST, get(2, false, SECOND));
  }

  @Test
  void everyNumberOfThreadsHasItsOwn() {
    get(2, false, FIRST);
    assertEquals(SECOND, get(1, false, SECOND));
    assertEquals(FIRST, get(2, false, SECOND));
  }

  @Test
  void renewsWhenAsked() {
    get(2, false, FIRST);
    assertEquals(SECOND, get(2, true, SECOND));
    assertEquals(SECOND, get(2, false, FIRST));
  }

  @Test
  void keepsNothingOfABackendThatCannotTell() {
    assertEquals(Optional.empty(), cache.get(DEVICE, 2, false, Optional::empty));
    assertFalse(Files.exists(file));
  }

  @Test
  void aBrokenFileIsWrittenAnew() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"cpu");
    assertEquals(FIRST, get(2, false, FIRST));
    assertEquals(FIRST, get(2, false, SECOND));
  }

  @Test
  void whereNothingCanBeKeptItMeasuresAgain() throws IOException {
    Files.writeString(file.getParent(), "a file in place of the directory");
    assertEquals(FIRST, get(2, false, FIRST));
    assertEquals(SECOND, get(2, false, SECOND));
  }

  @Test
  void limitsAreNumbersAboveZero() {
    assertThrows(IllegalArgumentException.class, () -> new DeviceLimits(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new DeviceLimits(1, Double.NaN));
  }
}
