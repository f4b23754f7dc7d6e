package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.EngineOptions.Sharing;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineOptionsTest {
  private static final EngineOptions DEFAULTS = EngineOptions.defaults();

  @Test
  void defaults() {
    assertNull(DEFAULTS.backend());
    assertEquals(DataType.F32, DEFAULTS.storage());
    assertEquals(1 / Math.sqrt(80), DEFAULTS.scale(80), 1e-8);
    assertTrue(DEFAULTS.causal());
    assertEquals(0, DEFAULTS.logitSoftCap());
    assertEquals(-1, DEFAULTS.window());
    assertEquals(0, DEFAULTS.threads());
    assertNull(DEFAULTS.executor());
    assertEquals(Sharing.AUTO, DEFAULTS.sharing());
    assertEquals(0, DEFAULTS.pageTokens());
  }

  @Test
  void eachChangeKeepsTheOthersAndTheOriginal() {
    Executor executor = Runnable::run;
    EngineOptions changed =
        DEFAULTS
            .withBackend("cpu")
            .withStorage(DataType.BF16)
            .withScale(-0.5f)
            .withCausal(false)
            .withLogitSoftCap(30)
            .withWindow(7)
            .withThreads(3)
            .withExecutor(executor)
            .withSharing(Sharing.NEVER)
            .withPageTokens(256);
    assertEquals("cpu", changed.backend());
    assertEquals(DataType.BF16, changed.storage());
    assertEquals(-0.5f, changed.scale(80));
    assertFalse(changed.causal());
    assertEquals(30, changed.logitSoftCap());
    assertEquals(7, changed.window());
    assertEquals(3, changed.threads());
    assertSame(executor, changed.executor());
    assertEquals(Sharing.NEVER, changed.sharing());
    assertEquals(256, changed.pageTokens());
    defaults();
  }

  @Test
  void messagesNameTheValueAndTheRemedy() {
    assertMessage("scale 0.0 must be finite and not 0", () -> DEFAULTS.withScale(0));
    assertMessage("scale NaN must be finite and not 0", () -> DEFAULTS.withScale(Float.NaN));
    assertMessage(
        "logitSoftCap -1.0 must be finite and positive, or 0 for none",
        () -> DEFAULTS.withLogitSoftCap(-1));
    assertMessage(
        "logitSoftCap Infinity must be finite and positive, or 0 for none",
        () -> DEFAULTS.withLogitSoftCap(Float.POSITIVE_INFINITY));
    assertMessage(
        "window -2 is out of range: choose -1 to 2147483647", () -> DEFAULTS.withWindow(-2));
    assertMessage(
        "threads 5000 is out of range: choose 0 to 4096", () -> DEFAULTS.withThreads(5000));
    assertMessage(
        "pageTokens -16 is out of range: choose 0 to 1048576", () -> DEFAULTS.withPageTokens(-16));
    assertMessage(
        "pageTokens 40 is not a multiple of 16: round it up", () -> DEFAULTS.withPageTokens(40));
  }

  /** As code that is not checked for null can: an engine would fail when it is opened. */
  @Test
  @SuppressWarnings("NullAway")
  void nullIsRefusedAtOnceWhereItDoesNotStandForADefault() {
    NullPointerException e =
        assertThrows(NullPointerException.class, () -> DEFAULTS.withStorage(null));
    assertEquals("storage is null: choose F32, F16 or BF16", e.getMessage());
    e = assertThrows(NullPointerException.class, () -> DEFAULTS.withSharing(null));
    assertEquals("sharing is null: choose AUTO, ALWAYS or NEVER", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 8, queryHeads 0 is out of range: choose 1 to 1024",
    "4, 0, 8, kvHeads 0 is out of range: choose 1 to 1024",
    "4, 2, 257, headDim 257 is out of range: choose 1 to 256",
    "5, 2, 8, queryHeads 5 is not a multiple of kvHeads 2: change one of them",
    "2, 4, 8, queryHeads 2 is not a multiple of kvHeads 4: change one of them",
    "2000, 4, 8, queryHeads 2000 is out of range: choose 1 to 1024"
  })
  void headLayouts(int queryHeads, int kvHeads, int headDim, String message) {
    assertMessage(message, () -> AttentionShape.of(queryHeads, kvHeads, headDim));
  }

  private static void assertMessage(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, e.getMessage());
  }
}
