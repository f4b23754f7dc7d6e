package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.runtime.Grid;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/** The grids of the tasks of a plan; once captured they must stay what they are. */
final class Grids {
  private static final int DEFAULT_GROUP_THREADS = 256;

  private @Nullable GridScheduler scheduler;
  private boolean capturing;
  private final Map<String, String> captured = new HashMap<>();

  void set(GridScheduler newScheduler, List<Graph> graphs) {
    boolean known =
        graphs.stream()
            .flatMap(g -> g.tasks().stream())
            .anyMatch(t -> newScheduler.keySet().contains(t.name()));
    if (!known) {
      throw new TornadoRuntimeException(
          "No task has a name among %s: names are graph.task".formatted(newScheduler.keySet()));
    }
    scheduler = newScheduler;
  }

  void capture() {
    capturing = true;
  }

  Map<String, Grid> of(Graph graph) {
    Map<String, Grid> grids = new HashMap<>();
    for (GraphTask task : graph.tasks()) {
      grids.put(task.name(), grid(task.name()));
    }
    return grids;
  }

  private Grid grid(String task) {
    WorkerGrid worker = scheduler == null ? null : scheduler.get(task);
    if (worker == null) {
      throw new TornadoRuntimeException(
          "Task %s has a KernelContext and no grid: add a WorkerGrid of this name to the plan's"
                  .formatted(task)
              + " GridScheduler");
    }
    Grid grid = grid(task, worker);
    checkCaptured(task, grid);
    return grid;
  }

  private static Grid grid(String task, WorkerGrid worker) {
    int[] global = ints(worker.getGlobalWork());
    long @Nullable [] local = worker.getLocalWork();
    try {
      return new Grid(
          global,
          local == null ? defaultLocal(global) : ints(local),
          ints(worker.getGlobalOffset()));
    } catch (IllegalArgumentException e) {
      throw new TornadoRuntimeException("Task %s: %s".formatted(task, e.getMessage()));
    }
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  private static int[] defaultLocal(int[] global) {
    int threads = Math.min(global[0], DEFAULT_GROUP_THREADS);
    while (global[0] % threads != 0) {
      threads--;
    }
    return new int[] {threads, 1, 1};
  }

  private void checkCaptured(String task, Grid grid) {
    if (!capturing) {
      return;
    }
    String before = captured.putIfAbsent(task, grid.toString());
    if (before != null && !before.equals(grid.toString())) {
      throw new TornadoRuntimeException(
          "Task %s was captured with %s and cannot run with %s".formatted(task, before, grid));
    }
  }
}
