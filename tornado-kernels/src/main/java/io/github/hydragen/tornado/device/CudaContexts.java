package io.github.hydragen.tornado.device;

import io.github.hydragen.tornado.kernels.Copy;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The driver's contexts in which TornadoVM works for its devices. It tells nobody, so a small
 * kernel is run once for each device that is asked for.
 */
final class CudaContexts {
  private static final Map<String, Long> KNOWN = new ConcurrentHashMap<>();

  private CudaContexts() {}

  /** The context of a device of NVIDIA's driver; 0 if it cannot be learnt. */
  static long of(Device device) {
    return CudaDriver.instance()
        .map(driver -> KNOWN.computeIfAbsent(device.index(), i -> learn(driver, device)))
        .orElse(0L);
  }

  /** Bytes of a device that no program has; the largest number if the driver does not say. */
  static long freeMemory(Device device) {
    long context = device.nvidiaDriver() ? of(device) : 0;
    AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    if (context != 0) {
      CudaDriver.instance()
          .ifPresent(
              driver -> device.uncaptured(() -> driver.freeMemory(context).ifPresent(free::set)));
    }
    return free.get();
  }

  /** The one that is current on a thread that has just executed a plan. */
  private static long learn(CudaDriver driver, Device device) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray from = NativeArrays.floats(arena, GraphPart.ELEMENTWISE);
      FloatArray to = NativeArrays.floats(arena, GraphPart.ELEMENTWISE);
      TaskGraph graph = new TaskGraph("hydragenContext");
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, from);
      graph.task("copy", Copy::copyF32, new KernelContext(), from, to);
      graph.transferToHost(DataTransferMode.EVERY_EXECUTION, to);
      GridScheduler grid = new GridScheduler();
      new GraphPart(graph, grid).elementwise("copy", GraphPart.ELEMENTWISE);
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
}
