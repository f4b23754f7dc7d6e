package io.github.hydragen.tornado.graph;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.Grids;
import io.github.hydragen.tornado.plan.Pass;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.plan.StepArray;
import io.github.hydragen.tornado.plan.StepSize;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Ints;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
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
public final class Pipeline implements AutoCloseable {
  private static final String GRAPH = "hydragen";

  /** The numbers of the graphs: of the one that attends, and of that for many new tokens. */
  private static final int ATTEND = 0;

  private static final int APPEND = 1;

  private final Arena arena = Arena.ofShared();
  private final Layout layout;
  private final StepSize size;
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
  public Pipeline(
      EngineDevice engine,
      PassShape shape,
      StepSize size,
      Stores prefixes,
      Stores suffixes,
      DataType queryType) {
    this.layout = engine.layout();
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
              engine.hardware().computeUnits(),
              true,
              null);
      host =
          new HostTensors(
              arena, layout, queryType, attention.queries(), attention.out(), attention.lse());
      append = new AppendGraph(arena, layout, suffixes);
      GridScheduler grid = new Grids();
      List<TaskGraph> graphs = List.of(graph(grid), append.graph(layout, grid));
      placed = new PlacedGraphs(engine, graphs, grid, copied());
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

  /** What an execution has room for. */
  public StepSize size() {
    return size;
  }

  /** Whether the graph has a pass. */
  public boolean has(Pass pass) {
    return size.items().containsKey(pass);
  }

  /** Whether it takes queries of a type without rounding, and times kernels as wanted. */
  public boolean serves(DataType queries) {
    return host.takes(queries) && placed.timesAsWanted();
  }

  /** The ints of the next execution. */
  public StepArray step() {
    return attention.step();
  }

  /** Takes in queries of the next execution. */
  public void queries(Tensor q, long from, long tokens) {
    host.write(q, from, tokens);
  }

  /** Sends suffixes to the device, and new tokens that are too many for the next execution. */
  public void append(Pending pending) {
    boolean first = !placed.executed(APPEND);
    while (first || pending.suffixes() > size.tokens()) {
      append.write(pending);
      placed.execute(APPEND);
      first = false;
    }
  }

  /** Takes in new tokens of the next execution, as many as it can of those that are pending. */
  public void newTokens(Pending pending) {
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
  public void execute() {
    placed.execute(ATTEND);
  }

  /** Copies results of the last execution. */
  public void results(Tensor to, @Nullable Tensor toLse, long at, long tokens) {
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
