package io.github.hydragen.tornado;

import io.github.hydragen.tornado.device.Devices;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.Grids;
import io.github.hydragen.tornado.graph.StepGraph;
import io.github.hydragen.tornado.store.EngineDevice;
import java.nio.BufferOverflowException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The task graphs of a step's layers, several layers to a graph: launching a graph and waiting for
 * it takes as long for one layer as for many.
 */
final class LayerGraphs {
  /** Layers of a graph, at most, where TornadoVM has been told to allow that much. */
  private static final int MOST_LAYERS = 8;

  /** TornadoVM describes the tasks of a graph in 8,192 bytes: 90 each with 15 arguments. */
  private static final int MOST_TASKS = 91;

  private final EngineDevice engine;
  private final int most;
  private final GridScheduler grid = new Grids();
  private final List<TaskGraph> graphs = new ArrayList<>();
  private final List<Integer> graphOf = new ArrayList<>();
  private int tasks;
  private int mostTasks;
  private @Nullable IntArray lengths;

  LayerGraphs(EngineDevice engine) {
    this.engine = engine;
    this.most = Devices.longGraphs() ? MOST_LAYERS : 1;
  }

  /** Layers of a graph, at most. */
  int most() {
    return most;
  }

  /** The graphs so far, in the order in which they run. */
  List<TaskGraph> graphs() {
    return graphs;
  }

  GridScheduler grid() {
    return grid;
  }

  /** The number of a layer's graph. */
  int graphOf(int layer) {
    return graphOf.get(layer);
  }

  /**
   * Adds the next layer.
   *
   * @param kernels of the model, or null if queries and new tokens are uploaded
   */
  void add(ResidentLayer layer, @Nullable DeviceKernels kernels) {
    int number = graphOf.size();
    String previous = null;
    if (number % most == 0 || tasks + mostTasks > MOST_TASKS) {
      previous = graphs.isEmpty() ? null : graphs.getLast().getTaskGraphName();
      graphs.add(new TaskGraph("hydragenStep" + graphs.size()));
      tasks = 0;
      lengths = null;
    }
    graphOf.add(graphs.size() - 1);
    int before = grid.keySet().size();
    GraphPart part = new GraphPart(graphs.getLast(), grid, "Layer" + number);
    StepGraph attention = layer.attention();
    DeviceTensors tensors =
        new DeviceTensors(
            part, number, previous, layer.tokens(), engine.layout().paddedDim(), attention);
    try {
      addTransfers(part.graph(), layer);
      addInputs(part.graph(), attention, kernels, tensors);
      attention.addTasks(part);
      part.graph().transferToHost(DataTransferMode.UNDER_DEMAND, attention.out(), attention.lse());
      if (kernels != null) {
        kernels.after(tensors);
      }
    } catch (BufferOverflowException e) {
      throw new IllegalArgumentException(
          "the tasks of layer %d do not fit in its graph, which TornadoVM describes in 8,192 bytes: have fewer a layer, each with a worker, by which the engine counts them"
              .formatted(number),
          e);
    }
    int added = grid.keySet().size() - before;
    tasks += added;
    mostTasks = Math.max(mostTasks, added);
  }

  private void addTransfers(TaskGraph graph, ResidentLayer layer) {
    IntArray sent = layer.sentLengths();
    if (sent != null && sent != lengths) {
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, sent);
      lengths = sent;
    }
    layer.attention().addTransfers(graph);
    layer.attention().addSuffixes(graph);
  }

  private static void addInputs(
      TaskGraph graph,
      StepGraph attention,
      @Nullable DeviceKernels kernels,
      DeviceTensors tensors) {
    if (kernels == null) {
      UploadGraph.takeOver(graph, attention);
    } else {
      // So that they are freed on close.
      graph.transferToHost(
          DataTransferMode.UNDER_DEMAND, tensors.queries(), tensors.keys(), tensors.values());
      kernels.before(tensors);
    }
  }
}
