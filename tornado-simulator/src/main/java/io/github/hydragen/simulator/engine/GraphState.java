package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.bytecode.ParameterAccess;
import io.github.hydragen.simulator.memory.DeviceArray;
import io.github.hydragen.simulator.memory.DeviceMemory;
import io.github.hydragen.simulator.runtime.Grid;
import io.github.hydragen.simulator.runtime.KernelLaunch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A graph of a plan and its arrays on the device. */
final class GraphState {
  private final Graph graph;
  private final Map<TornadoNativeArray, DeviceArray> arrays = new HashMap<>();

  /** The arrays that belong to another graph of the plan. */
  private final Set<TornadoNativeArray> borrowed = new HashSet<>();

  GraphState(Graph graph) {
    this.graph = graph;
  }

  Graph graph() {
    return graph;
  }

  @Nullable DeviceArray find(TornadoNativeArray host) {
    return arrays.get(host);
  }

  /** Takes over an array that another graph left on the device. */
  void borrow(TornadoNativeArray host, DeviceArray array) {
    DeviceArray own = arrays.put(host, array);
    if (own != null && own != array && !borrowed.contains(host)) {
      DeviceMemory.free(own);
    }
    borrowed.add(host);
  }

  long bytes() {
    return arrays.entrySet().stream()
        .filter(e -> !borrowed.contains(e.getKey()))
        .mapToLong(e -> e.getValue().bytes())
        .sum();
  }

  void free() {
    arrays.forEach(
        (host, array) -> {
          if (!borrowed.contains(host)) {
            DeviceMemory.free(array);
          }
        });
    arrays.clear();
    borrowed.clear();
  }

  /** Copies in, runs the kernels and copies out; returns the next serial number of a group. */
  long execute(Map<String, Grid> grids, long firstGroup, ExecutionProfile profile) {
    Set<TornadoNativeArray> used = new HashSet<>();
    Set<TornadoNativeArray> written = new HashSet<>();
    long group = firstGroup;
    for (GraphTask task : graph.tasks()) {
      Object[] arguments = bind(task, used, written, profile);
      long start = System.nanoTime();
      KernelLaunch launch =
          new KernelLaunch(
              task.kernel(), task.name(), arguments, deviceArrays(task), grid(task, grids), group);
      group = launch.run();
      profile.ran(System.nanoTime() - start);
    }
    copyOut(written, profile);
    freeUndeclared();
    return group;
  }

  private static Grid grid(GraphTask task, Map<String, Grid> grids) {
    Grid grid = grids.get(task.name());
    if (grid == null) {
      throw new IllegalStateException("no grid for task " + task.name());
    }
    return grid;
  }

  private Object[] bind(
      GraphTask task,
      Set<TornadoNativeArray> used,
      Set<TornadoNativeArray> written,
      ExecutionProfile profile) {
    Object[] bound = task.arguments().toArray();
    for (int i = 0; i < bound.length; i++) {
      if (bound[i] instanceof TornadoNativeArray host) {
        DeviceArray array = arrays.computeIfAbsent(host, DeviceMemory::allocate);
        if (used.add(host)) {
          copyIn(host, array, task.accesses().get(i), profile);
        }
        bound[i] = array.view();
      }
    }
    markWritten(task, written);
    return bound;
  }

  private void markWritten(GraphTask task, Set<TornadoNativeArray> written) {
    deviceArrays(task).forEach(array -> array.setWrittenByLaunch(false));
    for (int i = 0; i < task.arguments().size(); i++) {
      if (task.arguments().get(i) instanceof TornadoNativeArray host
          && task.accesses().get(i).writes()) {
        array(host).setWrittenByLaunch(true);
        written.add(host);
      }
    }
  }

  /** The first task that uses an array decides what happens to its copy to the device. */
  private void copyIn(
      TornadoNativeArray host,
      DeviceArray array,
      ParameterAccess access,
      ExecutionProfile profile) {
    Integer mode = graph.in().get(host);
    if (borrowed.contains(host)) {
      array.setHistory("the graph it was consumed from never wrote it");
    } else if (mode == null) {
      array.setHistory("the graph has no transferToDevice for it");
    } else if (access == ParameterAccess.WRITE_ONLY) {
      array.setHistory(
          "the first task that uses it only writes it: TornadoVM then drops its transferToDevice");
    } else if (mode == DataTransferMode.UNDER_DEMAND) {
      array.setHistory("its transferToDevice is UNDER_DEMAND, which only allocates");
    } else if (mode == DataTransferMode.EVERY_EXECUTION || !array.written().any()) {
      long start = System.nanoTime();
      array.copyIn();
      profile.copiedIn(array.bytes(), System.nanoTime() - start);
    }
  }

  private List<DeviceArray> deviceArrays(GraphTask task) {
    List<DeviceArray> found = new ArrayList<>();
    for (Object argument : task.arguments()) {
      if (argument instanceof TornadoNativeArray host && !found.contains(array(host))) {
        found.add(array(host));
      }
    }
    return found;
  }

  private DeviceArray array(TornadoNativeArray host) {
    DeviceArray array = arrays.get(host);
    if (array == null) {
      throw new IllegalStateException("not on the device: " + host);
    }
    return array;
  }

  private void copyOut(Set<TornadoNativeArray> written, ExecutionProfile profile) {
    graph
        .out()
        .forEach(
            (host, mode) -> {
              if (mode != DataTransferMode.UNDER_DEMAND && written.contains(host)) {
                long start = System.nanoTime();
                array(host).copyOut();
                profile.copiedOut(array(host).bytes(), System.nanoTime() - start);
              }
            });
  }

  private void freeUndeclared() {
    arrays
        .entrySet()
        .removeIf(
            entry -> {
              boolean undeclared = !graph.keeps(entry.getKey());
              if (undeclared) {
                DeviceMemory.free(entry.getValue());
              }
              return undeclared;
            });
  }
}
