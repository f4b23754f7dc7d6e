package io.github.hydragen.tornado;

import io.github.hydragen.tornado.kernels.Copy;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

  /** The one that is current on a thread that has just executed a plan. */
  private static long learn(CudaDriver driver, Device device) {
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
}
