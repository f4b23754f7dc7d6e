package io.github.hydragen.tornado.graph;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.kernels.Widen;
import io.github.hydragen.tornado.kernels.WidenBF16;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.TokenRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Queries that every execution of a graph takes from the host, and outputs that it sends there.
 * Queries of the storage type are sent as they are and widened by a task of their own.
 */
public final class HostTensors {
  private final Layout layout;
  private final DataType queryType;
  private final FloatArray queries;
  private final TornadoNativeArray staged;
  private final FloatArray out;
  private final FloatArray lse;
  private final TokenRows rows;

  /**
   * Allocates what is sent.
   *
   * @param queryType how queries are sent: F32 or the type of stored keys and values
   * @param queries of the kernels, like {@code out} [tokens, queryHeads, paddedDim]
   * @param lse [tokens, queryHeads]
   */
  public HostTensors(
      Arena arena,
      Layout layout,
      DataType queryType,
      FloatArray queries,
      FloatArray out,
      FloatArray lse) {
    this.layout = layout;
    this.queryType = queryType;
    this.queries = queries;
    this.out = out;
    this.lse = lse;
    staged =
        queryType == DataType.F32
            ? queries
            : NativeArrays.stored(arena, queryType, queries.getSize());
    rows = new TokenRows(layout.shape().queryHeads(), layout.shape().headDim(), layout.paddedDim());
  }

  /** The queries as they are sent. */
  public TornadoNativeArray staged() {
    return staged;
  }

  /** What is copied to the host. */
  public List<FloatArray> outputs() {
    return List.of(out, lse);
  }

  /** Whether queries of a type can be sent without rounding. */
  public boolean takes(DataType type) {
    return queryType == DataType.F32 || queryType == type;
  }

  /** Adds the task that widens queries, if they are not sent as they are used. */
  public void addWidening(GraphPart part) {
    if (queryType == DataType.F32) {
      return;
    }
    TaskGraph graph = part.graph();
    KernelContext context = new KernelContext();
    long elements = queries.getSize();
    if (queryType == DataType.F16) {
      graph.task("widen", Widen::widenF16, context, (HalfFloatArray) staged, queries);
      part.elementwise("widen", elements);
    } else {
      graph.task("widen", WidenBF16::widenBF16, context, (LongArray) staged, queries);
      part.elementwise("widen", elements / 4);
    }
    // So that it is freed on close.
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, queries);
  }

  /** Takes in queries of the next execution. */
  public void write(Tensor q, long from, long tokens) {
    rows.write(q, from, q.type(), staged.getSegment(), queryType, 0, tokens);
  }

  /** Copies results of the last execution. */
  public void read(Tensor to, @Nullable Tensor toLse, long at, long tokens) {
    rows.read(out.getSegment(), 0, to, at, tokens);
    if (toLse != null) {
      long row = (long) layout.shape().queryHeads() * Float.BYTES;
      MemorySegment.copy(lse.getSegment(), 0, toLse.segment(), at * row, tokens * row);
    }
  }
}
