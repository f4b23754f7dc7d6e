package io.github.hydragen.tornado;

import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendStep;
import io.github.hydragen.spi.StepLayer;
import io.github.hydragen.tornado.device.Devices;
import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.graph.PlacedGraphs;
import io.github.hydragen.tornado.graph.StepGraph;
import io.github.hydragen.tornado.plan.Lengths;
import io.github.hydragen.tornado.store.EngineDevice;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A decode step on the device: one plan, in it the task graphs of the layers and, where no kernels
 * feed these, one that uploads. An execution copies nothing but lengths, with a window the arrays
 * of ints.
 */
final class DeviceStep implements BackendStep {
  private final Arena arena = Arena.ofShared();
  private final List<ResidentLayer> layers = new ArrayList<>();
  private final LayerGraphs graphs;
  private final @Nullable UploadGraph upload;
  private final PlacedGraphs placed;

  /** The layers that have been uploaded. */
  private final BitSet uploaded = new BitSet();

  /** Takes the batches over and builds the graphs. */
  DeviceStep(EngineDevice engine, List<StepLayer> parts) {
    this.graphs = new LayerGraphs(engine);
    try {
      List<Lengths> lengths = lengths(parts);
      for (int i = 0; i < parts.size(); i++) {
        StepLayer part = parts.get(i);
        DeviceBatch batch = (DeviceBatch) part.batch();
        layers.add(new ResidentLayer(engine, this, batch, part.view(), lengths.get(i)));
      }
      checkSizes();
      long bytes = layers.stream().mapToLong(ResidentLayer::bytes).sum();
      engine.requireFree("a resident step", bytes);
      for (int i = 0; i < parts.size(); i++) {
        graphs.add(layers.get(i), kernels(parts.get(i)));
      }
      List<TaskGraph> all = new ArrayList<>(graphs.graphs());
      if (parts.get(0).kernels() == null) {
        checkOneGraph();
        upload = new UploadGraph(arena, engine.layout(), layers);
        all.add(upload.graph(graphs.grid()));
      } else {
        upload = null;
      }
      placed = new PlacedGraphs(engine, all, graphs.grid(), copied());
    } catch (RuntimeException | Error e) {
      layers.forEach(ResidentLayer::close);
      arena.close();
      throw e;
    }
  }

  /** An array of lengths for as many layers as a graph has at most, and its part of each layer. */
  private List<Lengths> lengths(List<StepLayer> parts) {
    int most = graphs.most();
    List<Lengths> lengths = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += most) {
      List<StepLayer> together = parts.subList(i, Math.min(parts.size(), i + most));
      long total = together.stream().mapToLong(part -> part.view().sequences()).sum();
      IntArray array = NativeArrays.ints(arena, total);
      int first = 0;
      for (StepLayer part : together) {
        lengths.add(new Lengths(array, first));
        first += part.view().sequences();
      }
    }
    return lengths;
  }

  private List<TornadoNativeArray> copied() {
    List<TornadoNativeArray> arrays = new ArrayList<>();
    layers.forEach(layer -> arrays.addAll(layer.attention().outputs()));
    if (upload != null) {
      arrays.addAll(upload.copied());
    }
    return arrays;
  }

  /** Checks that what the upload leaves on the device reaches all: the graph behind it alone. */
  private void checkOneGraph() {
    if (graphs.graphs().size() > 1) {
      long first = IntStream.range(0, layers.size()).filter(i -> graphs.graphOf(i) == 0).count();
      String remedy =
          graphs.most() == 1
              ? "start the JVM with " + Devices.LONG_GRAPHS
              : "have no more in a step";
      throw new IllegalArgumentException(
          "a step of %d layers without kernels is too long for a graph, which holds %d: %s"
              .formatted(layers.size(), first, remedy));
    }
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

  @Override
  public void upload(int layer, Tensor q, Tensor k, Tensor v) {
    UploadGraph graph = upload;
    if (graph == null) {
      throw new IllegalStateException("the step's kernels write its tensors: do not upload");
    }
    graph.write(layer, q, k, v);
    placed.execute(graphs.graphs().size());
    uploaded.set(layer);
  }

  @Override
  public void execute() {
    if (upload != null && uploaded.cardinality() < layers.size()) {
      throw new IllegalStateException(
          layers.size() == 1
              ? "the device has no queries yet: upload them first"
              : "the device has no queries of layer %d yet: upload them first"
                  .formatted(uploaded.nextClearBit(0)));
    }
    layers.forEach(ResidentLayer::check);
    layers.forEach(ResidentLayer::prepare);
    try {
      for (int i = 0; i < graphs.graphs().size(); i++) {
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
    int graph = graphs.graphOf(layer);
    if (!placed.executed(graph)) {
      throw new IllegalStateException("there are no outputs yet: execute the step first");
    }
    for (FloatArray array : attention.outputs()) {
      placed.read(graph, array, 0, array.getSize());
    }
    layers.get(layer).results(out, lse);
  }

  /** Copies a part of an array of a layer to the host. */
  void read(ResidentLayer layer, TornadoNativeArray array, long first, long elements) {
    placed.read(graphs.graphOf(layers.indexOf(layer)), array, first, elements);
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
