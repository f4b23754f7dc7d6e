package io.github.hydragen.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import io.github.hydragen.InsufficientMemoryException;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
  private static final int PIECE = 64 << 20;

  @Test
  void productsThatDoNotFitAreTheLargestNumber() {
    assertEquals(24, HostMemory.product(2, 3, 4));
    assertEquals(0, HostMemory.product(Long.MAX_VALUE, 5, 0));
    assertEquals(Long.MAX_VALUE, HostMemory.product(1L << 62, 2));
    assertEquals(1L << 62, HostMemory.product(1L << 31, 1L << 31));
  }

  @Test
  void whatDoesNotFitIsNamedWithItsSize() {
    HostMemory.require("little", 1);
    InsufficientMemoryException e =
        assertThrows(InsufficientMemoryException.class, () -> HostMemory.require("much", 1L << 60));
    assertTrue(
        String.valueOf(e.getMessage())
            .matches(
                "much needs 1073741824[.]00 GiB, but [0-9.]+ GiB are available: make it"
                    + " smaller"),
        e.getMessage());
    assertEquals(1L << 60, e.neededBytes());
    assertTrue(e.availableBytes() > 0);
  }

  @Test
  void aNarrowerTypeIsAdvisedOnlyWhereThereIsOne() {
    assertEquals(
        "take a shorter one, or store it as F16 or BF16",
        HostMemory.remedy("take a shorter one", DataType.F32));
    assertEquals("take a shorter one", HostMemory.remedy("take a shorter one", DataType.F16));
    assertEquals("take a shorter one", HostMemory.remedy("take a shorter one", DataType.BF16));
  }

  @Test
  void whatEnginesHoldIsNotPromisedAgain() {
    HostMemory.require("little", 1);
    long all = 1L << 60;
    HostMemory.held(all);
    try {
      assertEquals(0, HostMemory.availableBytes());
      assertThrows(InsufficientMemoryException.class, () -> HostMemory.require("little", 1));
    } finally {
      HostMemory.held(-all);
    }
    HostMemory.require("little", 1);
  }

  @Test
  void whatTheHeapDoesNotTakeIsNamedWithItsSize() {
    HostMemory.requireHeap("little", 1);
    InsufficientMemoryException e =
        assertThrows(
            InsufficientMemoryException.class, () -> HostMemory.requireHeap("much", 1L << 50));
    assertTrue(
        String.valueOf(e.getMessage())
            .matches(
                "much needs 1048576[.]00 GiB of the Java heap, but [0-9.]+ GiB are left: make it"
                    + " smaller or raise -Xmx"),
        e.getMessage());
    assertTrue(e.availableBytes() < Runtime.getRuntime().maxMemory());
  }

  @Test
  void garbageIsNoReasonToRefuse() {
    long most = Runtime.getRuntime().maxMemory();
    long made = 0;
    while (made < most) {
      made += new byte[PIECE].length;
      HostMemory.requireHeap("half of the heap", most / 2);
    }
  }
}
