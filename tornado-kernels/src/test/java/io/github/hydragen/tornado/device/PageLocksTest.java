package io.github.hydragen.tornado.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Locks of host memory: on CUDA devices arrays are locked and unlocked, elsewhere nothing is. */
class PageLocksTest {
  /** Large arrays, as small ones may share a page, which is locked once. */
  @Test
  void locksWhatCudaCopies() {
    Device device = TestedDevice.device();
    boolean able = device.cuda() && CudaDriver.instance().isPresent();
    try (Arena arena = Arena.ofConfined()) {
      List<FloatArray> arrays =
          List.of(NativeArrays.floats(arena, 300_000), NativeArrays.floats(arena, 300_000));
      for (int i = 0; i < 2; i++) {
        PageLocks locks = new PageLocks(device, arrays);
        assertEquals(able ? 2 : 0, locks.count());
        locks.close();
        locks.close();
        assertEquals(0, locks.count());
      }
    }
  }
}
