package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.memory.DeviceArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Executes the graphs of a plan and owns their device memory. */
public final class PlanExecutor {
  private static final System.Logger LOGGER = System.getLogger(PlanExecutor.class.getName());

  private final List<GraphState> states = new ArrayList<>();
  private final Grids grids = new Grids();
  private List<GraphState> selected;
  private @Nullable GraphState last;
  private TornadoDevice device;
  private @Nullable ProfilerMode profilerMode;
  private long nextGroup = 1;

  /** Prepares the graphs, in this order. */
  public PlanExecutor(List<Graph> graphs, TornadoDevice device) {
    graphs.forEach(graph -> states.add(new GraphState(graph)));
    selected = List.copyOf(states);
    this.device = device;
  }

  /** Executes the selected graphs. */
  public ExecutionProfile execute() {
    ExecutionProfile profile = new ExecutionProfile();
    for (GraphState state : selected) {
      consume(state);
      nextGroup = state.execute(grids.of(state.graph()), nextGroup, profile);
      last = state;
    }
    profile.ends(deviceBytes());
    if (profilerMode == ProfilerMode.CONSOLE) {
      LOGGER.log(System.Logger.Level.INFO, profile);
    }
    return profile;
  }

  private void consume(GraphState state) {
    for (Map.Entry<TornadoNativeArray, @Nullable String> entry :
        state.graph().consumed().entrySet()) {
      GraphState producer = producer(entry.getValue());
      DeviceArray array = producer == null ? null : producer.find(entry.getKey());
      if (array == null) {
        throw new TornadoRuntimeException(
            "Graph %s consumes an array that %s has not left on the device: execute a graph first"
                    .formatted(
                        state.graph().name(),
                        entry.getValue() == null ? "no graph" : entry.getValue())
                + " that names it in persistOnDevice");
      }
      if (producer != state) {
        state.borrow(entry.getKey(), array);
      }
    }
  }

  private @Nullable GraphState producer(@Nullable String name) {
    if (name == null) {
      return last;
    }
    return states.stream().filter(s -> s.graph().name().equals(name)).findFirst().orElse(null);
  }

  /** Selects the one graph to execute. */
  public void selectGraph(int index) {
    if (index < 0 || index >= states.size()) {
      throw new TornadoRuntimeException(
          "Graph %d does not exist: the plan has %d".formatted(index, states.size()));
    }
    selected = List.of(states.get(index));
  }

  /** Selects all graphs. */
  public void selectAll() {
    selected = List.copyOf(states);
  }

  /** Checks that every selected task has a grid. */
  public void prepare() {
    selected.forEach(state -> grids.of(state.graph()));
  }

  /** Sets the device. */
  public void setDevice(TornadoDevice newDevice) {
    device = newDevice;
  }

  /** Returns the device of a graph. */
  public TornadoDevice device(int graph) {
    if (graph < 0 || graph >= states.size()) {
      throw new TornadoRuntimeException(
          "Graph %d does not exist: the plan has %d".formatted(graph, states.size()));
    }
    return device;
  }

  /** Sets the grids. */
  public void setGrids(GridScheduler scheduler) {
    grids.set(scheduler, states.stream().map(GraphState::graph).toList());
  }

  /** Freezes the grids with the next execution. */
  public void freezeGrids() {
    grids.capture();
  }

  /** Sets where the profiler reports; null turns it off. */
  public void setProfilerMode(@Nullable ProfilerMode mode) {
    profilerMode = mode;
  }

  /** Frees the device memory of all graphs. */
  public void freeDeviceMemory() {
    states.forEach(GraphState::free);
    last = null;
  }

  /** Returns the device memory in use, in bytes. */
  public long deviceBytes() {
    return states.stream().mapToLong(GraphState::bytes).sum();
  }

  /** Executes for at least this time. */
  public void warmUpFor(long milliseconds) {
    long end = System.nanoTime() + milliseconds * 1_000_000;
    while (System.nanoTime() < end) {
      execute();
    }
  }

  /** Copies arrays to the host. */
  public void transferToHost(Object... objects) {
    for (Object object : objects) {
      find(object).copyOut();
    }
  }

  /** Copies part of an array, in bytes counted from its header, to the host. */
  public void transferToHost(TornadoNativeArray host, long offset, long bytes) {
    find(host).copyOut(offset, bytes);
  }

  private DeviceArray find(Object object) {
    for (GraphState state : states) {
      if (object instanceof TornadoNativeArray host) {
        DeviceArray array = state.find(host);
        if (array != null) {
          return array;
        }
      }
    }
    throw new TornadoRuntimeException(
        "The array to copy to the host is not on the device: name it in transferToHost or"
            + " persistOnDevice of a graph that has been executed");
  }
}
