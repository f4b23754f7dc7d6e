package io.github.hydragen.tornado.device;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/**
 * The part of a task graph that tasks are added to, with the grids of a plan.
 *
 * @param layer what the names of its tasks end with, as all of a graph differ; empty where the part
 *     is the graph
 */
public record GraphPart(TaskGraph graph, GridScheduler grid, String layer) {
  /** Threads of a work-group of the tasks with one thread an element. */
  public static final int ELEMENTWISE = 128;

  /** A whole graph. */
  public GraphPart(TaskGraph graph, GridScheduler grid) {
    this(graph, grid, "");
  }

  /** The name of a task in the graph. */
  public String name(String task) {
    return task + layer;
  }

  /** Gives a task a thread for each of so many elements, rounded up to whole work-groups. */
  public void elementwise(String task, long elements) {
    schedule(task, Math.ceilDiv(elements, ELEMENTWISE) * ELEMENTWISE, ELEMENTWISE);
  }

  /** Gives a task so many threads. */
  public void schedule(String task, long threads, int group) {
    WorkerGrid1D worker = new WorkerGrid1D(Math.toIntExact(threads));
    worker.setLocalWork(group, 1, 1);
    grid.addWorkerGrid(graph.getTaskGraphName() + "." + name(task), worker);
  }
}
