package io.github.hydragen.tornado;

import io.github.hydragen.tornado.kernels.Copy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Arrays whose pages CUDA has locked in the host's memory, so that a device copies them by itself,
 * where it else waits for the driver to copy them to locked memory first. What cannot be locked is
 * copied in that way. To be closed after the plan that copies the arrays, before they are freed.
 */
final class PageLocks implements AutoCloseable {
  /** Whether memory is locked; true unless this property says false. */
  private static final String PROPERTY = "hydragen.cudaPageLocks";

  /** Each device's context, once it is known. */
  private static final Map<String, Long> CONTEXTS = new ConcurrentHashMap<>();

  private final Device device;
  private final List<MemorySegment> locked = new ArrayList<>();
  private long context;

  /** Locks the arrays that a plan copies, before it is first executed. */
  PageLocks(Device device, List<? extends TornadoNativeArray> arrays) {
    this.device = device;
    if (device.cuda() && Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))) {
      CudaDriver.instance().ifPresent(driver -> lock(driver, arrays));
    }
  }

  private void lock(CudaDriver driver, List<? extends TornadoNativeArray> arrays) {
    context = CONTEXTS.computeIfAbsent(device.index(), i -> context(driver));
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

  /** TornadoVM's context, which is current on a thread that has just executed a plan. */
  private long context(CudaDriver driver) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray from = NativeArrays.floats(arena, StepGraph.ELEMENTWISE);
      FloatArray to = NativeArrays.floats(arena, StepGraph.ELEMENTWISE);
      TaskGraph graph = new TaskGraph("hydragenContext");
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, from);
      graph.task("copy", Copy::copyF32, new KernelContext(), from, to);
      graph.transferToHost(DataTransferMode.EVERY_EXECUTION, to);
      GridScheduler grid = new GridScheduler();
      StepGraph.elementwise(graph, grid, "copy", StepGraph.ELEMENTWISE);
      TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot());
      try {
        device.execute(device.placeOnce(plan).withGridScheduler(grid), false);
        return driver.currentContext();
      } finally {
        device.close(plan);
      }
    } catch (IllegalStateException e) {
      // Whoever uses the device next will be told.
      return 0;
    }
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
