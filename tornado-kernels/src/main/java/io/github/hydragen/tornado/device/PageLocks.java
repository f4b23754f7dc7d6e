package io.github.hydragen.tornado.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Arrays whose pages CUDA has locked in the host's memory, so that a device copies them by itself,
 * where it else waits for the driver to copy them to locked memory first. What cannot be locked is
 * copied in that way. To be closed after the plan that copies the arrays, before they are freed.
 */
public final class PageLocks implements AutoCloseable {
  /** Whether memory is locked; true unless this property says false. */
  private static final String PROPERTY = "hydragen.cudaPageLocks";

  private final Device device;
  private final List<MemorySegment> locked = new ArrayList<>();
  private long context;

  /** Locks the arrays that a plan copies, before it is first executed. */
  public PageLocks(Device device, List<? extends TornadoNativeArray> arrays) {
    this.device = device;
    if (device.cuda() && Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
      CudaDriver.instance().ifPresent(driver -> lock(driver, arrays));
    }
  }

  private void lock(CudaDriver driver, List<? extends TornadoNativeArray> arrays) {
    context = CudaContexts.of(device);
    if (context == 0) {
      return;
    }
    device.uncaptured(
        () -> {
          for (TornadoNativeArray array : arrays) {
            MemorySegment memory = array.getSegmentWithHeader();
            if (driver.lock(context, memory)) {
              locked.add(memory);
            }
          }
        });
  }

  /** Arrays that are locked. */
  int count() {
    return locked.size();
  }

  @Override
  public void close() {
    CudaDriver.instance()
        .ifPresent(
            driver ->
                device.uncaptured(() -> locked.forEach(memory -> driver.unlock(context, memory))));
    locked.clear();
  }
}
