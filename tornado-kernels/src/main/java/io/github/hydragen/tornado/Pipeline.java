package io.github.hydragen.tornado;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.kernels.WorkItem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The resident task graph of a batch: append, passes over prefixes, passes over suffixes, merge.
 *
 * <p>Prefixes and suffixes are sent to the device by the first execution and stay there. Queries,
 * new tokens, of suffixes or of prefixes that join later, and index arrays are sent by every
 * execution, whose grid is always the same: work items that a step does not need are empty.
 */
final class Pipeline implements AutoCloseable {
  private static final String GRAPH = "hydragen";

  /** Threads of a work-group of the tasks with one thread an element. */
  private static final int ELEMENTWISE = 128;

  /** New tokens of prefixes in an execution, at most: few, as the steps have none. */
  private static final int MOST_PREFIX_TOKENS = 64;

  /**
   * The sizes that are fixed when the graph is built.
   *
   * @param tokens the most query tokens, and new tokens, of an execution; a multiple of 4
   * @param slots the most partial states of a token
   * @param entries the most row entries
   * @param items the most work items of each pass
   */
  record Size(int tokens, int slots, int entries, Map<Pass, Integer> items) {
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
      long states = (long) tokens * slots * (layout.queryRow() + layout.shape().queryHeads());
      long outputs = (long) tokens * (2L * layout.queryRow() + layout.shape().queryHeads());
      long ints = (long) entries * RowList.INTS + (long) tokens * (1 + stores);
      for (int count : items.values()) {
        ints += (long) count * WorkItem.INTS;
      }
      return 4 * (states + outputs + ints) + layout.kvBytes(tokens);
    }
  }

  private final Arena arena = Arena.ofShared();
  private final Layout layout;
  private final Size size;
  private final KernelContext context = new KernelContext();
  private final FloatArray queries;
  private final FloatArray out;
  private final FloatArray lse;
  private final FloatArray states;
  private final FloatArray stateLses;
  private final KvStore newTokens;
  private final IntArray rows;
  private final IntArray slotCounts;
  private final List<IntArray> suffixTargets;
  private final List<IntArray> prefixTargets;
  private final Map<Pass, IntArray> work = new TreeMap<>();
  private final TokenRows queryRows;
  private final Stores prefixes;
  private final Stores suffixes;
  private final List<PackedPrefixes> packed;
  private final PassShape shape;
  private final Device device;
  private final TornadoExecutionPlan plan;
  private boolean executed;
  private long kernelNanos;

  /**
   * Allocates the arrays and builds the graph.
   *
   * @param prefixes copied to the device by the first execution, like {@code suffixes}
   */
  Pipeline(
      Layout layout, PassShape shape, Device device, Size size, Stores prefixes, Stores suffixes) {
    this.layout = layout;
    this.shape = shape;
    this.size = size;
    this.prefixes = prefixes;
    this.suffixes = suffixes;
    this.device = device;
    int queryHeads = layout.shape().queryHeads();
    long tokens = size.tokens();
    queries = NativeArrays.floats(arena, tokens * layout.queryRow());
    out = NativeArrays.floats(arena, tokens * layout.queryRow());
    lse = NativeArrays.floats(arena, tokens * queryHeads);
    states = NativeArrays.floats(arena, tokens * size.slots() * layout.queryRow());
    stateLses = NativeArrays.floats(arena, tokens * size.slots() * queryHeads);
    newTokens = new KvStore(arena, layout, tokens);
    rows = NativeArrays.ints(arena, (long) size.entries() * RowList.INTS);
    slotCounts = NativeArrays.ints(arena, tokens);
    queryRows = new TokenRows(queryHeads, layout.shape().headDim(), layout.paddedDim());
    suffixTargets = targets(suffixes);
    // Packed prefixes are made by the host: none joins on the device.
    packed =
        layout.tuned()
            ? prefixes.all().stream().map(s -> PackedPrefixes.of(arena, layout, s)).toList()
            : List.of();
    prefixTargets = layout.tuned() ? List.of() : targets(prefixes);
    size.items().forEach((p, n) -> work.put(p, NativeArrays.ints(arena, (long) n * WorkItem.INTS)));

    GridScheduler grid = new GridScheduler();
    TaskGraph graph = graph(grid);
    plan = device.place(new TornadoExecutionPlan(graph.snapshot())).withGridScheduler(grid);
  }

  private List<IntArray> targets(Stores stores) {
    return stores.all().stream().map(s -> NativeArrays.ints(arena, size.tokens())).toList();
  }

  private TaskGraph graph(GridScheduler grid) {
    TaskGraph graph = new TaskGraph(GRAPH);
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, queries, rows, slotCounts);
    graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, newTokens.keys(), newTokens.values());
    suffixTargets.forEach(t -> graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, t));
    prefixTargets.forEach(t -> graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, t));
    work.values().forEach(w -> graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, w));
    stay(graph, suffixes);
    if (!layout.tuned()) {
      stay(graph, prefixes);
    }
    for (Pass pass : work.keySet()) {
      if (layout.tuned() && !pass.suffix()) {
        PackedPrefixes store = packed.get(pass.store());
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, store.tiles(), store.scales());
      }
    }

    Tasks tasks = new Tasks(graph, context, layout, shape, size.slots());
    append(tasks, grid, "append", suffixes, suffixTargets, size.tokens());
    append(tasks, grid, "join", prefixes, prefixTargets, size.prefixTokens());
    work.forEach(
        (pass, items) -> {
          if (layout.tuned() && !pass.suffix()) {
            PackedPrefixes store = packed.get(pass.store());
            tasks.prefix(pass, queries, store, items, rows, states, stateLses);
          } else {
            KvStore store = (pass.suffix() ? suffixes : prefixes).all().get(pass.store());
            tasks.attend(pass, queries, store, items, rows, states, stateLses);
          }
          long groups = (long) items.getSize() / WorkItem.INTS * layout.shape().kvHeads();
          schedule(grid, pass.taskName(), groups * shape.threads(pass), shape.threads(pass));
        });
    tasks.merge("merge", states, stateLses, slotCounts, out, lse);
    schedule(grid, "merge", size.tokens() * (long) layout.queryRow(), ELEMENTWISE);

    graph.transferToHost(DataTransferMode.EVERY_EXECUTION, out, lse);
    // Never asked for, but TornadoVM frees on close only what a graph transfers.
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, states, stateLses);
    return graph;
  }

  private void append(
      Tasks tasks, GridScheduler grid, String name, Stores to, List<IntArray> targets, int tokens) {
    for (int i = 0; i < targets.size(); i++) {
      tasks.append(name + i, newTokens, targets.get(i), to.all().get(i));
      int perThread = layout.tuned() ? 4 : 1;
      schedule(grid, name + i, tokens * (long) layout.kvRow() / perThread, ELEMENTWISE);
    }
  }

  private static void stay(TaskGraph graph, Stores stores) {
    for (KvStore store : stores.all()) {
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, store.keys(), store.values());
    }
  }

  private static void schedule(GridScheduler grid, String task, long threads, int group) {
    WorkerGrid1D worker = new WorkerGrid1D(Math.toIntExact(threads));
    worker.setLocalWork(group, 1, 1);
    grid.addWorkerGrid(GRAPH + "." + task, worker);
  }

  Size size() {
    return size;
  }

  /** Whether the graph has a pass. */
  boolean has(Pass pass) {
    return work.containsKey(pass);
  }

  /** Takes in queries of the next execution. */
  void queries(Tensor q, long from, long tokens) {
    queryRows.write(q, from, q.type(), queries.getSegment(), DataType.F32, 0, tokens);
  }

  /** Takes in new tokens of the next execution, as many as it can of those that are pending. */
  void newTokens(Pending pending) {
    Ints joining = pending.takePrefixes(size.prefixTokens());
    newTokens(0, joining, prefixes, prefixTargets);
    Ints appended = pending.takeSuffixes(size.tokens() - joining.size());
    newTokens(joining.size(), appended, suffixes, suffixTargets);
  }

  private void newTokens(int first, Ints tokens, Stores to, List<IntArray> targets) {
    targets.forEach(target -> target.init(-1));
    for (int i = 0; i < tokens.size(); i++) {
      int token = tokens.get(i);
      newTokens.copy(first + i, to.at(token), to.within(token), 1);
      targets.get(to.index(token)).set(first + i, to.within(token));
    }
  }

  /** Runs the graph once. */
  void execute(StepPlan step) {
    step.rows().copyTo(rows, 0);
    step.slotCounts().copyTo(slotCounts, 0);
    work.forEach(
        (pass, items) -> {
          Ints planned = step.work().get(pass);
          (planned == null ? new Ints() : planned).copyTo(items, 0);
        });
    try {
      kernelNanos += device.execute(plan, !executed);
      executed = true;
    } catch (RuntimeException e) {
      throw new IllegalStateException("TornadoVM failed: " + message(e), e);
    }
  }

  private static @Nullable String message(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** Takes the nanoseconds that kernels ran since the last call. */
  long takeKernelNanos() {
    long nanos = kernelNanos;
    kernelNanos = 0;
    return nanos;
  }

  /** Copies results of the last execution. */
  void results(Tensor to, @Nullable Tensor toLse, long at, long tokens) {
    queryRows.read(out.getSegment(), 0, to, at, tokens);
    if (toLse != null) {
      long row = (long) layout.shape().queryHeads() * Float.BYTES;
      MemorySegment.copy(lse.getSegment(), 0, toLse.segment(), at * row, tokens * row);
    }
  }

  @Override
  public void close() {
    try {
      device.close(plan);
    } catch (TornadoExecutionPlanException e) {
      throw new IllegalStateException("TornadoVM did not free the device: " + e.getMessage(), e);
    } finally {
      arena.close();
    }
  }
}
