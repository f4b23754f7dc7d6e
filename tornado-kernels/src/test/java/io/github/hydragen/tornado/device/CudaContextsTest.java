package io.github.hydragen.tornado.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.InsufficientMemoryException;
import org.junit.jupiter.api.Test;

/** What CUDA's driver says of a device; of others it says nothing, and nothing is refused. */
class CudaContextsTest {
  private final Device device = TestedDevice.device();

  private boolean able() {
    return device.nvidiaDriver() && CudaDriver.instance().isPresent();
  }

  @Test
  void aDeviceHasAContextOrNone() {
    if (able()) {
      assertNotEquals(0, CudaContexts.of(device));
    } else if (CudaDriver.instance().isEmpty()) {
      assertEquals(0, CudaContexts.of(device));
    }
  }

  @Test
  void moreThanIsFreeIsRefused() {
    long free = device.free();
    if (!able()) {
      assertEquals(Long.MAX_VALUE, free);
      device.requireFree("a test", free, "wait");
      return;
    }
    assertTrue(free > 0 && free < 1L << 50, () -> free + " bytes");
    long more = 1L << 50;
    InsufficientMemoryException refused =
        assertThrows(InsufficientMemoryException.class, () -> device.take("a test", more, "wait"));
    assertTrue(refused.availableBytes() < more);
    assertEquals(more, refused.neededBytes());
  }
}
