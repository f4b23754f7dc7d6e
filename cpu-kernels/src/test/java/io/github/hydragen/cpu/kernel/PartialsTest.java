package io.github.hydragen.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.cpu.memory.MemoryAccount;
import org.junit.jupiter.api.Test;

/** What the states of a call's rows take of the Java heap. */
class PartialsTest {
  private static final int HEAD_DIM = 254;
  private static final int ROW_BYTES = 4 * (HEAD_DIM + 2);
  private static final int TOKEN_ROWS = 8;

  private final MemoryAccount account = new MemoryAccount();
  private final Partials partials = new Partials(account, HEAD_DIM, TOKEN_ROWS);

  private long bytes() {
    return account.usage().allocatedBytes();
  }

  @Test
  void whatIsThereIsCounted() {
    partials.reserve(2, 16);
    assertEquals(2 * 16 * ROW_BYTES, bytes());
    partials.reserve(1, 24);
    assertEquals((24 + 16) * ROW_BYTES, bytes());
    partials.reserve(3, 8);
    assertEquals((24 + 16 + 8) * ROW_BYTES, bytes());
    partials.clear();
    assertEquals(0, bytes());
  }

  @Test
  void moreThanTheHeapHasIsRefusedByNameAndNotCounted() {
    partials.reserve(1, 8);
    int rows = Partials.mostRows(HEAD_DIM) / TOKEN_ROWS * TOKEN_ROWS;
    int slots = (int) (Runtime.getRuntime().maxMemory() / ((long) rows * ROW_BYTES)) + 1;
    InsufficientMemoryException e =
        assertThrows(InsufficientMemoryException.class, () -> partials.reserve(slots, rows));
    assertTrue(
        String.valueOf(e.getMessage())
            .startsWith("a call of " + rows / TOKEN_ROWS + " query tokens needs "),
        e.getMessage());
    assertEquals(8 * ROW_BYTES, bytes());
    assertEquals(8 * ROW_BYTES, account.usage().peakBytes());
  }
}
