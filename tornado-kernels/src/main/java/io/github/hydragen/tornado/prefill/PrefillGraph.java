package io.github.hydragen.tornado.prefill;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.Grids;
import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.graph.HostTensors;
import io.github.hydragen.tornado.graph.PlacedGraphs;
import io.github.hydragen.tornado.graph.Tasks;
import io.github.hydragen.tornado.kernels.Merge;
import io.github.hydragen.tornado.plan.Pass;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.plan.StepArray;
import io.github.hydragen.tornado.plan.StepSize;
import io.github.hydragen.tornado.prefill.PrefillPlanner.Piece;
import io.github.hydragen.tornado.prefill.PrefillPlanner.Plan;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PackedKeys;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The task graph of calls with many tokens a sequence: one pass over keys that all come from the
 * host with the queries, and the merge. It belongs to no batch, so that batches do not wait for
 * kernels to be compiled.
 */
final class PrefillGraph implements AutoCloseable {
  private static final String GRAPH = "hydragenPrefill";

  /**
   * What an execution takes at most.
   *
   * @param tokens query tokens, a multiple of {@link Layout#tokenStep}
   * @param slots partial states of a token
   * @param keys keys, a multiple of a tile
   * @param items work items
   */
  record Size(int tokens, int slots, int keys, int items) {
    private static final int MOST = 1 << 30;

    boolean holds(Size other) {
      return equals(and(other));
    }

    /** The size that holds both; what this one has too little of is at least doubled. */
    Size and(Size other) {
      return new Size(
          and(tokens, other.tokens),
          Math.max(slots, other.slots),
          and(keys, other.keys),
          and(items, other.items));
    }

    private static int and(int present, int needed) {
      return needed <= present ? present : (int) Math.max(needed, Math.min(2L * present, MOST));
    }

    private StepSize ints() {
      Map<Pass, Integer> work = Map.of(PrefillPlanner.PASS, items);
      return new StepSize(tokens, slots, false, tokens * slots, work, 0);
    }

    /** Bytes of all arrays. */
    long bytes(Layout layout) {
      return ints().bytes(layout, 0) + layout.kvBytes(keys);
    }
  }

  private final Arena arena;
  private final Layout layout;
  private final Size size;
  private final FloatArray queries;
  private final SentKeys keys;
  private final StepArray step;
  private final FloatArray states;
  private final FloatArray stateLses;
  private final FloatArray out;
  private final FloatArray lse;
  private final HostTensors host;
  private final PlacedGraphs placed;

  /**
   * Allocates the arrays and builds the graph.
   *
   * @param arena of the graph's own, closed with it
   * @param queryType how queries are sent: F32 or the type of stored keys and values
   */
  PrefillGraph(EngineDevice engine, Arena arena, PassShape shape, Size size, DataType queryType) {
    this.arena = arena;
    this.layout = engine.layout();
    this.size = size;
    long tokens = size.tokens();
    int heads = layout.shape().queryHeads();
    queries = NativeArrays.floats(arena, tokens * layout.queryRow());
    keys = new SentKeys(arena, layout, size.keys());
    step = new StepArray(arena, size.ints(), 0, 0);
    states = NativeArrays.floats(arena, layout.stateElements(tokens, size.slots()));
    stateLses = NativeArrays.floats(arena, layout.stateRows(tokens, size.slots()));
    out = NativeArrays.floats(arena, tokens * layout.queryRow());
    lse = NativeArrays.floats(arena, tokens * heads);
    host = new HostTensors(arena, layout, queryType, queries, out, lse);
    GridScheduler grid = new Grids();
    List<TornadoNativeArray> copied = sent();
    copied.addAll(host.outputs());
    placed = new PlacedGraphs(engine, List.of(graph(shape, grid)), grid, copied);
  }

  /** What an execution sends, but for the ints. */
  private List<TornadoNativeArray> sent() {
    List<TornadoNativeArray> arrays = new ArrayList<>(keys.arrays());
    arrays.add(host.staged());
    return arrays;
  }

  private TaskGraph graph(PassShape shape, GridScheduler grid) {
    TaskGraph graph = new TaskGraph(GRAPH);
    KernelContext context = new KernelContext();
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, sent().toArray());
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, step.array());
    // Never asked for, but TornadoVM frees on close only what a graph transfers.
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, states, stateLses);
    GraphPart part = new GraphPart(graph, grid);
    host.addWidening(part);
    Tasks tasks = new Tasks(part, context, layout, shape, size.slots());
    Pass pass = PrefillPlanner.PASS;
    int first = step.firstItem(pass);
    PackedKeys packed = keys.packed();
    if (packed == null) {
      tasks.attend(pass, queries, keys.store(), step.array(), first, states, stateLses, out, lse);
    } else {
      tasks.prefix(pass, queries, packed, step.array(), first, states, stateLses);
    }
    int threads = shape.threads(pass);
    long groups = shape.groups(pass, size.items(), layout.shape().kvHeads());
    part.schedule(pass.taskName(), groups * threads, threads);
    tasks.merge("merge", states, stateLses, step.array(), step.firstCount(), out, lse);
    part.elementwise("merge", size.tokens() * (long) layout.queryRow() / Merge.ELEMENTS);
    // As much of them as a call has, which may be far less than there is room for.
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, out, lse);
    return graph;
  }

  /** Whether queries of a type can be sent without rounding. */
  boolean takes(DataType type) {
    return host.takes(type);
  }

  /** Whether it takes such queries, and times kernels as wanted. */
  boolean serves(DataType queries) {
    return takes(queries) && placed.timesAsWanted();
  }

  Size size() {
    return size;
  }

  /** Attends with tokens {@code from} on, as many as the plan has. */
  void attend(Plan next, Tensor q, Tensor to, @Nullable Tensor toLse, long from, long tokens) {
    keys.gather(next.pieces());
    step.write(next.step());
    host.write(q, from, tokens);
    placed.execute(0);
    placed.read(0, out, 0, tokens * layout.queryRow());
    if (toLse != null) {
      placed.read(0, lse, 0, tokens * layout.shape().queryHeads());
    }
    host.read(to, toLse, from, tokens);
  }

  /** Forgets keys that were written to since: {@link SentKeys#forget}. */
  void forget(Stores from, ToIntFunction<Piece> same) {
    keys.forget(from, same);
  }

  @Override
  public void close() {
    try {
      placed.close();
    } finally {
      arena.close();
    }
  }
}
