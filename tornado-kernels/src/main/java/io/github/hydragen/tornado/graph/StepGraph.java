package io.github.hydragen.tornado.graph;

import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.kernels.MatrixPass;
import io.github.hydragen.tornado.kernels.Merge;
import io.github.hydragen.tornado.plan.Growing;
import io.github.hydragen.tornado.plan.Pass;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.plan.StepArray;
import io.github.hydragen.tornado.plan.StepSize;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PackedKeys;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The attention's part of a task graph: append, passes over prefixes, passes over suffixes, merge,
 * and the arrays that they work on. Where queries and new tokens come from, and where outputs go,
 * is up to the rest of the graph.
 *
 * <p>Prefixes and suffixes are sent to the device by the first execution and stay there; the array
 * of ints is sent by every execution, or stays there too. The grid is always the same: work items
 * that a step does not need are empty.
 */
public final class StepGraph {
  private final Layout layout;
  private final PassShape shape;
  private final StepSize size;
  private final Stores prefixes;
  private final Stores suffixes;
  private final boolean joins;
  private final KernelContext context = new KernelContext();
  private final List<PackedKeys> packed;
  private final Map<Pass, Turns> turns = new TreeMap<>();
  private final StepArray step;
  private final @Nullable Growing growing;
  private final FloatArray queries;
  private final KvStore newTokens;
  private final FloatArray states;
  private final FloatArray stateLses;
  private final FloatArray out;
  private final FloatArray lse;

  /**
   * Allocates the arrays.
   *
   * @param prefixes sent to the device by the first execution, like {@code suffixes}
   * @param units compute units of the device
   * @param joins whether new tokens may go to prefixes too
   * @param growing how suffixes grow, if every execution lets each grow by a token: the array of
   *     ints stays on the device then, and lengths are sent
   */
  public StepGraph(
      Arena arena,
      Layout layout,
      PassShape shape,
      StepSize size,
      Stores prefixes,
      Stores suffixes,
      int units,
      boolean joins,
      @Nullable Growing growing) {
    this.layout = layout;
    this.shape = shape;
    this.size = size;
    this.prefixes = prefixes;
    this.suffixes = suffixes;
    // Packed prefixes are made by the host: none joins on the device.
    this.joins = joins && !layout.tuned();
    int queryHeads = layout.shape().queryHeads();
    long tokens = size.tokens();
    queries = NativeArrays.floats(arena, tokens * layout.queryRow());
    newTokens = new KvStore(arena, layout, tokens);
    states = NativeArrays.floats(arena, layout.stateElements(tokens, size.slots()));
    stateLses = NativeArrays.floats(arena, layout.stateRows(tokens, size.slots()));
    out = NativeArrays.floats(arena, tokens * layout.queryRow());
    lse = NativeArrays.floats(arena, tokens * queryHeads);
    step =
        new StepArray(arena, size, suffixes.all().size(), this.joins ? prefixes.all().size() : 0);
    this.growing = growing;
    packed =
        layout.tuned()
            ? prefixes.all().stream().map(s -> PackedKeys.of(arena, layout, s)).toList()
            : List.of();
    for (Pass pass : size.items().keySet()) {
      if (layout.joint() && !pass.suffix()) {
        turns.put(pass, turns(arena, pass, units));
      }
    }
  }

  /** The turns of a pass over prefixes, and of the one over suffixes that joins it. */
  private Turns turns(Arena arena, Pass prefix, int units) {
    Pass suffix = joined(prefix);
    int kvHeads = layout.shape().kvHeads();
    int prefixes = (int) groups(prefix);
    int suffixes = (int) groups(suffix);
    Turns mixed = new Turns(arena, kvHeads, prefixes + suffixes);
    mixed.mix(
        step.firstItem(prefix),
        prefixes,
        step.firstItem(suffix),
        suffixes,
        units,
        size.prefixLasts());
    return mixed;
  }

  /** The pass over suffixes, or prefixes, that runs side by side with one over the others. */
  private static Pass joined(Pass pass) {
    return new Pass(!pass.suffix(), pass.store(), pass.suffix());
  }

  private long groups(Pass pass) {
    int items = size.items().getOrDefault(pass, 0);
    return shape.groups(pass, items, layout.shape().kvHeads());
  }

  /** The ints of the next execution. */
  public StepArray step() {
    return step;
  }

  /** Queries of each token, [tokens, queryHeads, paddedDim]. */
  public FloatArray queries() {
    return queries;
  }

  /** Keys and values of new tokens, which executions append. */
  public KvStore newTokens() {
    return newTokens;
  }

  /** Outputs of each token, like {@link #queries}. */
  public FloatArray out() {
    return out;
  }

  /** Log-sum-exps of each token, [tokens, queryHeads]. */
  public FloatArray lse() {
    return lse;
  }

  /** What is copied to the host. */
  public List<FloatArray> outputs() {
    return List.of(out, lse);
  }

  /** Adds the copies of suffixes, which the first execution sends. */
  public void addSuffixes(TaskGraph graph) {
    stay(graph, suffixes);
  }

  /** Adds the copies of what only the attention reads, but for suffixes. */
  public void addTransfers(TaskGraph graph) {
    if (growing == null) {
      graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, step.array());
    } else {
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, step.array());
    }
    if (!layout.tuned()) {
      stay(graph, prefixes);
    }
    for (Pass pass : size.items().keySet()) {
      if (layout.tuned() && !pass.suffix()) {
        PackedKeys store = packed.get(pass.store());
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, store.tiles(), store.scales());
      }
    }
    turns
        .values()
        .forEach(t -> graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, t.array()));
    // Never asked for, but TornadoVM frees on close only what a graph transfers.
    graph.transferToHost(DataTransferMode.UNDER_DEMAND, states, stateLses);
  }

  private static void stay(TaskGraph graph, Stores stores) {
    for (KvStore store : stores.all()) {
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, store.keys(), store.values());
    }
  }

  /** Adds the kernels. */
  public void addTasks(GraphPart part) {
    Tasks tasks = new Tasks(part, context, layout, shape, size.slots());
    AppendTasks appends = new AppendTasks(part, context, layout);
    if (growing == null) {
      append(part, appends, true);
    } else {
      grow(part, appends, growing);
    }
    if (joins) {
      append(part, appends, false);
    }
    turns.forEach((prefix, order) -> joint(part, tasks, prefix, order));
    for (Pass pass : size.items().keySet()) {
      if (!turns.containsKey(pass) && !turns.containsKey(joined(pass))) {
        alone(tasks, pass);
        int threads = shape.threads(pass);
        part.schedule(pass.taskName(), groups(pass) * threads, threads);
      }
    }
    if (!size.merged()) {
      tasks.merge("merge", states, stateLses, step.array(), step.firstCount(), out, lse);
      part.elementwise("merge", size.tokens() * (long) layout.queryRow() / Merge.ELEMENTS);
    }
  }

  private void alone(Tasks tasks, Pass pass) {
    int first = step.firstItem(pass);
    if (layout.tuned() && !pass.suffix()) {
      PackedKeys store = packed.get(pass.store());
      tasks.prefix(pass, queries, store, step.array(), first, states, stateLses);
    } else {
      KvStore store = (pass.suffix() ? suffixes : prefixes).all().get(pass.store());
      tasks.attend(pass, queries, store, step.array(), first, states, stateLses, out, lse);
    }
  }

  /** A pass over prefixes with the one over suffixes, or with none over any. */
  private void joint(GraphPart part, Tasks tasks, Pass prefix, Turns order) {
    String name = "joint" + prefix.store();
    List<KvStore> all = suffixes.all();
    KvStore store = all.get(Math.min(prefix.store(), all.size() - 1));
    tasks.joint(
        name,
        queries,
        packed.get(prefix.store()),
        store,
        step.array(),
        order.array(),
        states,
        stateLses);
    part.schedule(name, order.count() * MatrixPass.THREADS, MatrixPass.THREADS);
  }

  private void append(GraphPart part, AppendTasks tasks, boolean suffix) {
    List<KvStore> to = (suffix ? suffixes : prefixes).all();
    int tokens = suffix ? size.tokens() : size.prefixTokens();
    for (int i = 0; i < to.size(); i++) {
      String name = (suffix ? "append" : "join") + i;
      tasks.append(name, newTokens, step.array(), step.firstTarget(suffix, i), to.get(i));
      part.elementwise(name, AppendTasks.threads(layout, tokens));
    }
  }

  private void grow(GraphPart part, AppendTasks tasks, Growing growing) {
    for (int i = 0; i < suffixes.all().size(); i++) {
      String name = "grow" + i;
      int firstItem = step.firstItem(growing.pass(i));
      tasks.grow(name, newTokens, growing, i, suffixes.all().get(i), step.array(), firstItem);
      part.elementwise(name, AppendTasks.threads(layout, size.tokens()));
    }
  }
}
