package io.github.hydragen.tornado;

import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A plan of one task graph on a device, and the page locks of what it copies. */
final class PlacedGraph implements AutoCloseable {
  private final DeviceBackend backend;
  private final boolean timed;
  private final TornadoExecutionPlan plan;
  private final PageLocks locks;
  private @Nullable TornadoExecutionResult last;
  private boolean failed;

  /**
   * Places a graph.
   *
   * @param copied what every execution copies, as far as page locks speed that up
   */
  PlacedGraph(
      DeviceBackend backend, TaskGraph graph, GridScheduler grid, List<TornadoNativeArray> copied) {
    this.backend = backend;
    this.timed = backend.timesKernels();
    plan = backend.place(new TornadoExecutionPlan(graph.snapshot())).withGridScheduler(grid);
    locks = new PageLocks(backend.hardware(), copied);
  }

  /** Whether it times kernels, or does not, as the engine wants it now. */
  boolean timesAsWanted() {
    return timed == backend.timesKernels();
  }

  /** Runs the graph once. */
  void execute() {
    try {
      TornadoExecutionResult result = backend.hardware().execute(plan, last == null);
      backend.count(result);
      last = result;
    } catch (RuntimeException e) {
      failed = true;
      throw e;
    }
  }

  /** Copies the first elements of an array that is copied under demand, after an execution. */
  void read(TornadoNativeArray array, long elements) {
    TornadoExecutionResult result = last;
    if (result == null) {
      throw new IllegalStateException("nothing has been executed yet");
    }
    result.transferToHost(new DataRange(array).withOffset(0).withSize(elements));
  }

  /** Frees what the device holds; to be closed before the arrays are freed. */
  @Override
  public void close() {
    try {
      backend.hardware().close(plan);
    } catch (IllegalStateException e) {
      // TornadoVM does not free a plan that did not get all of its memory: that was told before.
      if (!failed) {
        throw e;
      }
    } finally {
      locks.close();
    }
  }
}
