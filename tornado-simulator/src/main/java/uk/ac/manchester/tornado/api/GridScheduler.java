package uk.ac.manchester.tornado.api;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The grids of the tasks of a plan, by the name of the graph, a dot, and the id of the task. */
public class GridScheduler {
  private final ConcurrentHashMap<String, WorkerGrid> grids = new ConcurrentHashMap<>();

  /** Creates a scheduler without grids. */
  public GridScheduler() {}

  /** Creates a scheduler with the grid of one task. */
  public GridScheduler(String taskName, WorkerGrid workerGrid) {
    grids.put(taskName, workerGrid);
  }

  /** Sets the grid of a task. */
  public void addWorkerGrid(String taskName, WorkerGrid workerGrid) {
    grids.put(taskName, workerGrid);
  }

  /** Returns the grid of a task; null where it has none. */
  public WorkerGrid get(String taskName) {
    return grids.get(taskName);
  }

  /** Tells whether a task has a grid. */
  public boolean contains(String taskScheduleName, String taskName) {
    return grids.containsKey(taskScheduleName + "." + taskName);
  }

  /** Returns the names of the tasks that have a grid. */
  public Set<String> keySet() {
    return grids.keySet();
  }
}
