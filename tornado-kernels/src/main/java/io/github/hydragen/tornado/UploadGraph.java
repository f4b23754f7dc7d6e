package io.github.hydragen.tornado;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.kernels.Copy;
import java.lang.foreign.Arena;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The graph that brings queries and new tokens to the device and leaves them there. */
final class UploadGraph {
  static final String NAME = "hydragenUpload";

  private final Layout layout;
  private final StepGraph attention;
  private final FloatArray queries;
  private final KvStore tokens;
  private final TokenRows queryRows;
  private final KernelContext context = new KernelContext();

  /** Allocates what is copied to the device. */
  UploadGraph(Arena arena, Layout layout, StepGraph attention, int tokens) {
    this.layout = layout;
    this.attention = attention;
    this.queries = NativeArrays.floats(arena, (long) tokens * layout.queryRow());
    this.tokens = new KvStore(arena, layout, tokens);
    this.queryRows =
        new TokenRows(layout.shape().queryHeads(), layout.shape().headDim(), layout.paddedDim());
  }

  /** What is copied to the device. */
  List<TornadoNativeArray> copied() {
    return List.of(queries, tokens.keys(), tokens.values());
  }

  TaskGraph graph(GridScheduler grid) {
    TaskGraph graph = new TaskGraph(NAME);
    KvStore to = attention.newTokens();
    graph.transferToDevice(
        DataTransferMode.EVERY_EXECUTION, queries, tokens.keys(), tokens.values());
    copy(graph, grid, "queries", queries, attention.queries());
    copy(graph, grid, "keys", tokens.keys(), to.keys());
    copy(graph, grid, "values", tokens.values(), to.values());
    graph.persistOnDevice(attention.queries(), to.keys(), to.values());
    return graph;
  }

  private void copy(
      TaskGraph graph,
      GridScheduler grid,
      String task,
      TornadoNativeArray from,
      TornadoNativeArray to) {
    if (from instanceof LongArray longs) {
      graph.task(task, Copy::copyLongs, context, longs, (LongArray) to);
    } else if (from instanceof HalfFloatArray halves) {
      graph.task(task, Copy::copyF16, context, halves, (HalfFloatArray) to);
    } else {
      graph.task(task, Copy::copyF32, context, (FloatArray) from, (FloatArray) to);
    }
    StepGraph.elementwise(graph, grid, task, from.getSize());
  }

  /** Takes in what the next execution copies. */
  void write(Tensor q, Tensor k, Tensor v) {
    long sequences = q.elements() / layout.shape().queryRow();
    queryRows.write(q, 0, q.type(), queries.getSegment(), DataType.F32, 0, sequences);
    tokens.write(0, k, v, 0, (int) sequences);
  }
}
