package io.github.hydragen.tornado.graph;

import io.github.hydragen.tornado.device.PageLocks;
import io.github.hydragen.tornado.store.EngineDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A plan of task graphs on a device, and the page locks of what they copy. */
public final class PlacedGraphs implements AutoCloseable {
  private final EngineDevice engine;
  private final boolean timed;
  private final boolean several;
  private final TornadoExecutionPlan plan;
  private final PageLocks locks;
  private final boolean[] executed;
  private int selected = -1;
  private @Nullable TornadoExecutionResult last;
  private boolean failed;

  /**
   * Places graphs.
   *
   * @param copied what every execution copies, as far as page locks speed that up
   */
  public PlacedGraphs(
      EngineDevice engine,
      List<TaskGraph> graphs,
      GridScheduler grid,
      List<? extends TornadoNativeArray> copied) {
    this.engine = engine;
    this.timed = engine.timesKernels();
    several = graphs.size() > 1;
    executed = new boolean[graphs.size()];
    ImmutableTaskGraph[] all =
        graphs.stream().map(TaskGraph::snapshot).toArray(ImmutableTaskGraph[]::new);
    plan = engine.place(new TornadoExecutionPlan(all)).withGridScheduler(grid);
    locks = new PageLocks(engine.hardware(), copied);
  }

  /** Whether it times kernels, or does not, as the engine wants it now. */
  public boolean timesAsWanted() {
    return timed == engine.timesKernels();
  }

  /** Whether a graph has been run. */
  public boolean executed(int graph) {
    return executed[graph];
  }

  /** Runs a graph once. */
  public void execute(int graph) {
    select(graph);
    try {
      TornadoExecutionResult result = engine.hardware().execute(plan, !executed[graph]);
      engine.count(result);
      last = result;
      executed[graph] = true;
    } catch (RuntimeException e) {
      failed = true;
      throw e;
    }
  }

  private void select(int graph) {
    if (several && selected != graph) {
      plan.withGraph(graph);
      selected = graph;
    }
  }

  /** Copies elements of an array that a graph copies under demand, after an execution. */
  public void read(int graph, TornadoNativeArray array, long first, long elements) {
    TornadoExecutionResult result = last;
    if (result == null) {
      throw new IllegalStateException("nothing has been executed yet");
    }
    select(graph);
    result.transferToHost(new DataRange(array).withOffset(first).withSize(elements));
  }

  /** Frees what the device holds; to be closed before the arrays are freed. */
  @Override
  public void close() {
    try {
      if (several) {
        // Else only the selected graph would be freed.
        plan.withAllGraphs();
      }
      engine.hardware().close(plan);
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
