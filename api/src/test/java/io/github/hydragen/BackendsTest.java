package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendsTest {
  private static final Availability YES = Availability.yes("here");
  private static final Availability NO = Availability.no("no driver", "install one");

  private record Fake(String name, int priority, Availability availability)
      implements AttentionBackendProvider {
    @Override
    public List<DeviceInfo> devices() {
      return List.of();
    }

    @Override
    public AttentionBackend open(AttentionShape shape, EngineOptions options, String device) {
      throw new AssertionError("never opened here");
    }
  }

  private static final AttentionBackendProvider FAST = new Fake("fast", 10, YES);
  private static final AttentionBackendProvider SLOW = new Fake("slow", 5, YES);
  private static final AttentionBackendProvider GONE = new Fake("gone", 20, NO);
  private static final AttentionBackendProvider HIDDEN = new Fake("hidden", -1, YES);

  @Test
  void withoutANameTheFirstThatIsAvailable() {
    assertEquals("fast", Backends.choose(List.of(GONE, FAST, SLOW), null).provider().name());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {"slow,slow,''", "slow:0:1,slow,0:1", "slow:,slow,''", "hidden,hidden,''"})
  void theNamedOneAndItsDevice(String name, String backend, String device) {
    Backends.Choice choice = Backends.choose(List.of(FAST, SLOW, HIDDEN), name);
    assertEquals(backend, choice.provider().name());
    assertEquals(device, choice.device());
  }

  @Test
  void aNamedOneThatIsNotAvailableIsAnErrorAndNeverAFallback() {
    assertEquals(
        "backend gone is not available: no driver; install one",
        refused(List.of(GONE, FAST), "gone:3"));
    assertEquals(
        "there is no backend typo here: choose one of gone, fast",
        refused(List.of(GONE, FAST), "typo"));
  }

  @Test
  void whereNoneIsAvailableEachSaysWhy() {
    assertEquals(
        "no backend is available; gone: no driver; install one",
        refused(List.of(GONE, HIDDEN), null));
    assertEquals(
        "no backend is available: put hydragen-cpu-kernels on the module or class path",
        refused(List.of(HIDDEN), null));
  }

  private static String refused(List<AttentionBackendProvider> providers, @Nullable String name) {
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> Backends.choose(providers, name));
    return String.valueOf(e.getMessage());
  }

  @Test
  void explicitThenPropertyThenEnvironment() {
    assertEquals("a", Backends.firstSet("a", "b", "c"));
    assertEquals("b", Backends.firstSet(null, "b", "c"));
    assertEquals("c", Backends.firstSet(null, null, " c "));
    assertEquals("c", Backends.firstSet(null, "", "c"));
    assertNull(Backends.firstSet(null, null, " "));
  }

  @Test
  void thePropertyNamesABackendForEveryEngine() {
    System.setProperty(Backends.PROPERTY, "reference");
    try (AttentionEngine engine = AttentionEngine.open(AttentionShape.of(1, 1, 1))) {
      assertEquals("reference", engine.device().name());
      EngineOptions explicit = EngineOptions.defaults().withBackend("nonesuch");
      assertThrows(
          BackendUnavailableException.class, () -> AttentionEngine.open(engine.shape(), explicit));
    } finally {
      System.clearProperty(Backends.PROPERTY);
    }
  }

  @Test
  void theReferenceIsFoundAndHasNoDevices() {
    assertTrue(Backends.providers().stream().anyMatch(p -> p.name().equals("reference")));
    EngineOptions options = EngineOptions.defaults().withBackend("reference:1");
    BackendUnavailableException e =
        assertThrows(
            BackendUnavailableException.class,
            () -> AttentionEngine.open(AttentionShape.of(1, 1, 1), options));
    assertEquals("backend reference has no device 1: name it without one", e.getMessage());
  }
}
