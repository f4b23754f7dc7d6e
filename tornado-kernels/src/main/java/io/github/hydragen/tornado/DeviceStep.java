package io.github.hydragen.tornado;

import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendStep;
import io.github.hydragen.spi.StepLayer;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A decode step on the device: one plan, in it a task graph for each layer and, where no kernels
 * feed the only layer, one that uploads. An execution copies nothing but lengths, with a window the
 * array of ints.
 */
final class DeviceStep implements BackendStep {
  private final DeviceBackend backend;
  private final Arena arena = Arena.ofShared();
  private final List<ResidentLayer> layers = new ArrayList<>();
  private final @Nullable UploadGraph upload;
  private final PlacedGraphs placed;
  private boolean uploaded;

  /** Takes the batches over and builds the graphs. */
  DeviceStep(DeviceBackend backend, List<StepLayer> parts) {
    this.backend = backend;
    try {
      for (StepLayer part : parts) {
        layers.add(new ResidentLayer(backend, this, (DeviceBatch) part.batch(), part.view()));
      }
      checkSizes();
      long bytes = layers.stream().mapToLong(ResidentLayer::bytes).sum();
      backend.requireFree("a resident step", bytes);
      GridScheduler grid = new Grids();
      List<TaskGraph> graphs = new ArrayList<>();
      String previous = null;
      for (int i = 0; i < parts.size(); i++) {
        TaskGraph graph = graph(i, kernels(parts.get(i)), previous, grid);
        graphs.add(graph);
        previous = graph.getTaskGraphName();
      }
      if (parts.get(0).kernels() == null) {
        ResidentLayer only = layers.get(0);
        upload = new UploadGraph(arena, backend.layout(), only.attention(), only.tokens());
        graphs.add(upload.graph(grid));
      } else {
        upload = null;
      }
      placed = new PlacedGraphs(backend, graphs, grid, copied());
    } catch (RuntimeException | Error e) {
      layers.forEach(ResidentLayer::close);
      arena.close();
      throw e;
    }
  }

  private List<TornadoNativeArray> copied() {
    List<TornadoNativeArray> arrays = new ArrayList<>();
    layers.forEach(layer -> arrays.addAll(layer.attention().outputs()));
    if (upload != null) {
      arrays.addAll(upload.copied());
    }
    return arrays;
  }

  private void checkSizes() {
    for (ResidentLayer layer : layers) {
      if (!layer.fits()) {
        throw new IllegalArgumentException(
            "a step of so many sequences takes several executions: make batches of %d or fewer"
                .formatted(layer.tokens()));
      }
    }
  }

  private static @Nullable DeviceKernels kernels(StepLayer part) {
    if (part.kernels() == null) {
      return null;
    }
    if (part.kernels() instanceof DeviceKernels kernels) {
      return kernels;
    }
    throw new IllegalArgumentException(
        "the step's kernels are a %s: implement %s"
            .formatted(part.kernels().getClass().getName(), DeviceKernels.class.getName()));
  }

  private TaskGraph graph(
      int layer, @Nullable DeviceKernels kernels, @Nullable String previous, GridScheduler grid) {
    TaskGraph graph = new TaskGraph("hydragenStep" + layer);
    StepGraph attention = layers.get(layer).attention();
    KvStore tokens = attention.newTokens();
    DeviceTensors tensors =
        new DeviceTensors(
            graph,
            grid,
            previous,
            layers.get(layer).tokens(),
            backend.layout().paddedDim(),
            attention.queries(),
            tokens.keys(),
            tokens.values(),
            attention.out(),
            attention.lse());
    attention.addTransfers(graph);
    attention.addSuffixes(graph);
    if (kernels == null) {
      graph.consumeFromDevice(
          UploadGraph.NAME, attention.queries(), tokens.keys(), tokens.values());
    } else {
      // So that they are freed on close.
      graph.transferToHost(
          DataTransferMode.UNDER_DEMAND, attention.queries(), tokens.keys(), tokens.values());
      kernels.before(tensors);
    }
    attention.addTasks(graph, grid);
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, attention.out(), attention.lse());
    if (kernels != null) {
      kernels.after(tensors);
    }
    return graph;
  }

  @Override
  public void upload(int layer, Tensor q, Tensor k, Tensor v) {
    UploadGraph graph = upload;
    if (graph == null) {
      throw new IllegalStateException("the step's kernels write its tensors: do not upload");
    }
    graph.write(q, k, v);
    placed.execute(layers.size());
    uploaded = true;
  }

  @Override
  public void execute() {
    if (upload != null && !uploaded) {
      throw new IllegalStateException("the device has no queries yet: upload them first");
    }
    layers.forEach(ResidentLayer::check);
    layers.forEach(ResidentLayer::prepare);
    try {
      for (int i = 0; i < layers.size(); i++) {
        placed.execute(i);
      }
    } catch (RuntimeException | Error e) {
      layers.forEach(layer -> layer.failed(String.valueOf(e.getMessage())));
      throw e;
    }
  }

  @Override
  public void download(int layer, Tensor out, @Nullable Tensor lse) {
    StepGraph attention = layers.get(layer).attention();
    if (!placed.executed(layer)) {
      throw new IllegalStateException("there are no outputs yet: execute the step first");
    }
    for (FloatArray array : attention.outputs()) {
      placed.read(layer, array, 0, array.getSize());
    }
    layers.get(layer).results(out, lse);
  }

  /** Copies a part of an array of a layer to the host. */
  void read(ResidentLayer layer, TornadoNativeArray array, long first, long elements) {
    placed.read(layers.indexOf(layer), array, first, elements);
  }

  @Override
  public void close() {
    try {
      layers.forEach(ResidentLayer::refresh);
    } finally {
      free();
    }
  }

  private void free() {
    try {
      placed.close();
    } finally {
      layers.forEach(ResidentLayer::close);
      arena.close();
    }
  }
}
