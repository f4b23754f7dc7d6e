package io.github.hydragen.tornado;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The resident task graph of a batch whose queries and new tokens come from the host, to which the
 * outputs go. They are copied by every execution; queries of the storage type are sent as they are
 * and widened by a task of their own.
 */
final class Pipeline implements AutoCloseable {
  private static final String GRAPH = "hydragen";

  /** The numbers of the graphs: of the one that attends, and of that for many new tokens. */
  private static final int ATTEND = 0;

  private static final int APPEND = 1;

  /** New tokens of prefixes in an execution, at most: few, as the steps have none. */
  private static final int MOST_PREFIX_TOKENS = 64;

  /**
   * The sizes that are fixed when the graph is built.
   *
   * @param tokens the most query tokens, and new tokens, of an execution; a multiple of 4
   * @param slots the most partial states of a token
   * @param merged whether the passes over suffixes merge
   * @param entries the most row entries
   * @param items the most work items of each pass
   * @param prefixLasts how many times as long as a work-group for suffixes one for a prefix lasts
   */
  record Size(
      int tokens,
      int slots,
      boolean merged,
      int entries,
      Map<Pass, Integer> items,
      double prefixLasts) {
    Size {
      items = Collections.unmodifiableMap(new TreeMap<>(items));
    }

    /** New tokens of prefixes that an execution takes. */
    int prefixTokens() {
      return Math.min(tokens, MOST_PREFIX_TOKENS);
    }

    boolean fits(StepPlan plan) {
      return plan.entries() <= entries
          && plan.work().keySet().stream()
              .allMatch(pass -> plan.items(pass) <= items.getOrDefault(pass, 0));
    }

    /** Bytes of the arrays beside the stored keys and values. */
    long bytes(Layout layout, long stores) {
      long states = layout.stateElements(tokens, slots) + layout.stateRows(tokens, slots);
      // Queries, also as they are sent, and outputs.
      long outputs = (long) tokens * (3L * layout.queryRow() + layout.shape().queryHeads());
      long ints = StepArray.ints(this, stores) + tokens;
      return 4 * (states + outputs + ints) + layout.kvBytes(tokens);
    }
  }

  private final Arena arena = Arena.ofShared();
  private final Layout layout;
  private final Size size;
  private final StepGraph attention;
  private final HostTensors host;
  private final Stores prefixes;
  private final Stores suffixes;
  private final AppendGraph append;
  private final PlacedGraphs placed;

  /**
   * Allocates the arrays and builds the graph.
   *
   * @param prefixes copied to the device by the first execution, like {@code suffixes}
   * @param queryType how queries are sent: F32 or the type of stored keys and values
   */
  Pipeline(
      DeviceBackend backend,
      PassShape shape,
      Size size,
      Stores prefixes,
      Stores suffixes,
      DataType queryType) {
    this.layout = backend.layout();
    this.size = size;
    this.prefixes = prefixes;
    this.suffixes = suffixes;
    try {
      attention =
          new StepGraph(
              arena,
              layout,
              shape,
              size,
              prefixes,
              suffixes,
              backend.hardware().computeUnits(),
              true,
              null);
      host =
          new HostTensors(
              arena, layout, queryType, attention.queries(), attention.out(), attention.lse());
      append = new AppendGraph(arena, layout, suffixes);
      GridScheduler grid = new Grids();
      List<TaskGraph> graphs = List.of(graph(grid), append.graph(layout, grid));
      placed = new PlacedGraphs(backend, graphs, grid, copied());
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /**
   * What page locks speed up: neither stores, which are copied once, nor the ints, few enough for
   * CUDA to send along with a graph, which from locked memory takes 7 us more.
   */
  private List<TornadoNativeArray> copied() {
    KvStore tokens = attention.newTokens();
    List<TornadoNativeArray> arrays = new ArrayList<>(host.outputs());
    arrays.addAll(List.of(host.staged(), tokens.keys(), tokens.values()));
    arrays.addAll(append.copied());
    return arrays;
  }

  private TaskGraph graph(GridScheduler grid) {
    TaskGraph graph = new TaskGraph(GRAPH);
    KvStore tokens = attention.newTokens();
    graph.transferToDevice(
        DataTransferMode.EVERY_EXECUTION, host.staged(), tokens.keys(), tokens.values());
    attention.addTransfers(graph);
    graph.consumeFromDevice(AppendGraph.NAME, AppendGraph.left(suffixes));
    GraphPart part = new GraphPart(graph, grid);
    host.addWidening(part);
    attention.addTasks(part);
    graph.transferToHost(DataTransferMode.EVERY_EXECUTION, attention.out(), attention.lse());
    return graph;
  }

  Size size() {
    return size;
  }

  /** Whether the graph has a pass. */
  boolean has(Pass pass) {
    return size.items().containsKey(pass);
  }

  /** Whether it takes queries of a type without rounding, and times kernels as wanted. */
  boolean serves(DataType queries) {
    return host.takes(queries) && placed.timesAsWanted();
  }

  /** The ints of the next execution. */
  StepArray step() {
    return attention.step();
  }

  /** Takes in queries of the next execution. */
  void queries(Tensor q, long from, long tokens) {
    host.write(q, from, tokens);
  }

  /** Sends suffixes to the device, and new tokens that are too many for the next execution. */
  void append(Pending pending) {
    boolean first = !placed.executed(APPEND);
    while (first || pending.suffixes() > size.tokens()) {
      append.write(pending);
      placed.execute(APPEND);
      first = false;
    }
  }

  /** Takes in new tokens of the next execution, as many as it can of those that are pending. */
  void newTokens(Pending pending) {
    step().clearTargets();
    Ints joining = pending.takePrefixes(size.prefixTokens());
    newTokens(0, joining, prefixes, false);
    Ints appended = pending.takeSuffixes(size.tokens() - joining.size());
    newTokens(joining.size(), appended, suffixes, true);
  }

  private void newTokens(int first, Ints tokens, Stores to, boolean suffix) {
    for (int i = 0; i < tokens.size(); i++) {
      int token = tokens.get(i);
      step().set(step().firstTarget(suffix, to.index(token)) + first + i, to.within(token));
    }
    to.copyTo(attention.newTokens(), first, tokens);
  }

  /** Runs the graph once. */
  void execute() {
    placed.execute(ATTEND);
  }

  /** Copies results of the last execution. */
  void results(Tensor to, @Nullable Tensor toLse, long at, long tokens) {
    host.read(to, toLse, at, tokens);
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
