package io.github.hydragen.tornado;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.graph.StepGraph;
import io.github.hydragen.tornado.kernels.Copy;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.TokenRows;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The graph that brings queries and new tokens of layers to the device and leaves them there. */
final class UploadGraph {
  private static final String NAME = "hydragenUpload";

  private final Layout layout;
  private final List<Upload> uploads = new ArrayList<>();
  private final TokenRows queryRows;
  private final KernelContext context = new KernelContext();

  /** What is copied to the device for a layer. */
  private record Upload(StepGraph attention, FloatArray queries, KvStore tokens) {}

  /** Allocates what is copied to the device. */
  UploadGraph(Arena arena, Layout layout, List<ResidentLayer> layers) {
    this.layout = layout;
    for (ResidentLayer layer : layers) {
      FloatArray queries = NativeArrays.floats(arena, (long) layer.tokens() * layout.queryRow());
      KvStore tokens = new KvStore(arena, layout, layer.tokens());
      uploads.add(new Upload(layer.attention(), queries, tokens));
    }
    this.queryRows =
        new TokenRows(layout.shape().queryHeads(), layout.shape().headDim(), layout.paddedDim());
  }

  /** What is copied to the device. */
  List<TornadoNativeArray> copied() {
    List<TornadoNativeArray> arrays = new ArrayList<>();
    for (Upload upload : uploads) {
      arrays.addAll(List.of(upload.queries, upload.tokens.keys(), upload.tokens.values()));
    }
    return arrays;
  }

  TaskGraph graph(GridScheduler grid) {
    TaskGraph graph = new TaskGraph(NAME);
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, copied().toArray());
    for (int i = 0; i < uploads.size(); i++) {
      GraphPart part = new GraphPart(graph, grid, String.valueOf(i));
      Upload upload = uploads.get(i);
      KvStore to = upload.attention.newTokens();
      copy(part, "queries", upload.queries, upload.attention.queries());
      copy(part, "keys", upload.tokens.keys(), to.keys());
      copy(part, "values", upload.tokens.values(), to.values());
      graph.persistOnDevice(upload.attention.queries(), to.keys(), to.values());
    }
    return graph;
  }

  /** Has the graph that runs next use what this one leaves on the device for a layer. */
  static void takeOver(TaskGraph graph, StepGraph attention) {
    KvStore tokens = attention.newTokens();
    graph.consumeFromDevice(NAME, attention.queries(), tokens.keys(), tokens.values());
  }

  private void copy(GraphPart part, String task, TornadoNativeArray from, TornadoNativeArray to) {
    String name = part.name(task);
    TaskGraph graph = part.graph();
    if (from instanceof LongArray longs) {
      graph.task(name, Copy::copyLongs, context, longs, (LongArray) to);
    } else if (from instanceof HalfFloatArray halves) {
      graph.task(name, Copy::copyF16, context, halves, (HalfFloatArray) to);
    } else {
      graph.task(name, Copy::copyF32, context, (FloatArray) from, (FloatArray) to);
    }
    part.elementwise(task, from.getSize());
  }

  /** Takes in what the next execution copies for a layer. */
  void write(int layer, Tensor q, Tensor k, Tensor v) {
    Upload upload = uploads.get(layer);
    long sequences = q.elements() / layout.shape().queryRow();
    queryRows.write(q, 0, q.type(), upload.queries.getSegment(), DataType.F32, 0, sequences);
    upload.tokens.write(0, k, v, 0, (int) sequences);
  }
}
