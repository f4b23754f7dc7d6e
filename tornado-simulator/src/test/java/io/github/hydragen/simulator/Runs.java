package io.github.hydragen.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.UnaryOperator;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs graphs of a task {@code k}, with another one, {@code before}, in front or without. */
final class Runs {
  static final int FIRST = DataTransferMode.FIRST_EXECUTION;
  static final int EVERY = DataTransferMode.EVERY_EXECUTION;

  private Runs() {}

  static WorkerGrid grid(int threads, int groupThreads) {
    WorkerGrid1D grid = new WorkerGrid1D(threads);
    grid.setLocalWork(groupThreads, 1, 1);
    return grid;
  }

  static void run(WorkerGrid grid, UnaryOperator<TaskGraph> tasks) {
    TaskGraph graph = tasks.apply(new TaskGraph("g"));
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      GridScheduler grids = new GridScheduler("g.k", grid);
      grids.addWorkerGrid("g.before", grid);
      plan.withGridScheduler(grids).execute();
    } catch (TornadoExecutionPlanException e) {
      throw new AssertionError(e);
    }
  }

  /** Expects a fault, the same one every time, that names the kernel and the place. */
  static SimulatorFault fault(FaultKind kind, WorkerGrid grid, UnaryOperator<TaskGraph> tasks) {
    SimulatorFault fault = assertThrows(SimulatorFault.class, () -> run(grid, tasks));
    assertEquals(kind, fault.kind(), fault.getMessage());
    assertTrue(fault.kernel().startsWith("g.k ("), fault.getMessage());
    SimulatorFault again = assertThrows(SimulatorFault.class, () -> run(grid, tasks));
    assertEquals(fault.getMessage(), again.getMessage());
    return fault;
  }

  static void assertSays(String part, SimulatorFault fault) {
    assertTrue(fault.toString().contains(part), fault.toString());
  }

  static FloatArray floats(int size) {
    FloatArray array = new FloatArray(size);
    for (int i = 0; i < size; i++) {
      array.set(i, i);
    }
    return array;
  }
}
