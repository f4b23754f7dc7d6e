package io.github.hydragen.cpu;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.kernel.CpuWorker;
import io.github.hydragen.cpu.kernel.KernelPrimer;
import io.github.hydragen.cpu.kernel.MatrixKernel;
import io.github.hydragen.cpu.kernel.Partials;
import io.github.hydragen.cpu.kernel.RowOutput;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.sharing.CpuPrefix;
import io.github.hydragen.cpu.sharing.SharedPass;
import io.github.hydragen.cpu.sharing.StepPlan;
import io.github.hydragen.cpu.store.Suffixes;
import io.github.hydragen.cpu.work.HeadProgress;
import io.github.hydragen.cpu.work.ItemRanges;
import io.github.hydragen.cpu.work.TrackOrder;
import io.github.hydragen.cpu.work.WorkPool;
import io.github.hydragen.spi.BatchView;
import org.jspecify.annotations.Nullable;

/**
 * One call of attend. In the first phase half of the workers begin with shared passes, which are
 * bound by arithmetic, half with own passes, which are bound by memory; then each helps with the
 * rest. Suffixes that fit caches are not bound by memory, unless by each other's: then each worker
 * does its own heads from end to end, shared passes first, before it helps.
 *
 * <p>Rows whose shared passes are complete are merged as soon as their own pass ends. The second
 * phase merges the rest, if there is any.
 */
final class AttendJob {
  private final AttentionShape shape;
  private final EngineOptions options;
  private final CpuBackend backend;
  private final CpuWorker[] workers;
  private final KernelPrimer primer;
  private final WorkPool pool;
  private final Partials partials;
  private final SharedItems sharedItems;
  private final ItemRanges shared;
  private final ItemRanges own;
  private final ItemRanges merges;
  private final HeadProgress progress;
  private final WorkPool.Job passes = this::runPasses;
  private final WorkPool.Job merge = this::runMerges;

  private final Suffixes suffixes;
  private final StepPlan plan;
  private @Nullable Call call;

  /** The arguments of the last call, kept because a model brings the same tensors at every step. */
  private static final class Call {
    final BatchView view;
    final Tensor q;
    final Tensor out;
    final @Nullable Tensor lse;

    Call(BatchView view, Tensor q, Tensor out, @Nullable Tensor lse) {
      this.view = view;
      this.q = q;
      this.out = out;
      this.lse = lse;
    }
  }

  AttendJob(CpuBackend backend, Suffixes suffixes, StepPlan plan, Partials partials) {
    this.shape = backend.layout.shape;
    this.options = backend.options;
    this.backend = backend;
    this.workers = backend.workers;
    this.primer = backend.primer;
    this.pool = backend.pool;
    this.partials = partials;
    this.suffixes = suffixes;
    this.plan = plan;
    this.sharedItems = new SharedItems(backend, plan, partials);
    this.shared = new ItemRanges(workers.length);
    this.own = new ItemRanges(workers.length);
    this.merges = new ItemRanges(workers.length);
    this.progress = new HeadProgress(shape.kvHeads());
  }

  void run(BatchView view, Tensor q, Tensor out, @Nullable Tensor lse) {
    backend.reserve(plan.itemRows);
    partials.reserve(plan.slots, plan.tokens * shape.queryHeads());
    Call c = call;
    if (c == null || c.q != q || c.out != out || c.lse != lse) {
      call = new Call(view, q, out, lse);
    }
    int sharedItems = plan.headItems * shape.kvHeads();
    int ownItems = plan.activeCount * shape.kvHeads() * plan.ownParts * plan.ownSplits;
    shared.reset(sharedItems);
    own.reset(ownItems);
    primer.shared.begin(sharedItems);
    primer.own.begin(ownItems);
    merges.reset(plan.tokens * shape.kvHeads());
    progress.begin(plan.headItems);
    backend.steps++;
    boolean done = false;
    try {
      pool.run(passes);
      done = true;
    } finally {
      if (!done) {
        progress.reset();
      }
    }
    if (isSomethingLeft()) {
      pool.run(merge);
    }
  }

  private boolean isSomethingLeft() {
    for (CpuWorker worker : workers) {
      if (worker.leftStep == backend.steps) {
        return true;
      }
    }
    return false;
  }

  private void runPasses(int worker) {
    Call c = call;
    if (c == null) {
      return;
    }
    if (plan.cached) {
      runKept(c, worker);
      runShared(c, worker);
      runOwn(c, worker);
    } else if (worker % 2 == 0) {
      runShared(c, worker);
      runOwn(c, worker);
    } else {
      runOwn(c, worker);
      runShared(c, worker);
    }
  }

  /** A worker's own heads from end to end, before it helps. */
  private void runKept(Call c, int worker) {
    for (int item = shared.takeOwn(worker); item >= 0; item = shared.takeOwn(worker)) {
      sharedItem(c, workers[worker], item);
    }
    for (int item = own.takeOwn(worker); item >= 0; item = own.takeOwn(worker)) {
      ownItem(c, workers[worker], item);
    }
  }

  private void runShared(Call c, int worker) {
    for (int item = shared.take(worker); item >= 0; item = shared.take(worker)) {
      sharedItem(c, workers[worker], item);
    }
  }

  private void runOwn(Call c, int worker) {
    for (int item = own.take(worker); item >= 0; item = own.take(worker)) {
      ownItem(c, workers[worker], item);
    }
  }

  private void sharedItem(Call c, CpuWorker worker, int item) {
    if (sharedItems.attend(worker, c.q, item)) {
      primer.streamed(primer.shared, item);
    } else {
      primer.multiplied(primer.shared, item);
    }
    progress.count(item / plan.headItems);
  }

  private void ownItem(Call c, CpuWorker worker, int item) {
    int track = item / (plan.ownSplits * plan.ownParts);
    int sequences = plan.activeCount;
    int sequence = plan.active[TrackOrder.member(track, sequences, shape.kvHeads(), plan.cached)];
    int head = TrackOrder.head(track, sequences, shape.kvHeads(), plan.cached);
    int part = item / plan.ownSplits % plan.ownParts;
    int split = item % plan.ownSplits;
    if (isEmpty(c, sequence, split)) {
      return;
    }
    int first = plan.firstToken[sequence];
    int count = plan.firstToken[sequence + 1] - first;
    int rows = count * shape.groupSize();
    if (!streamsOwn(c, sequence, split, count)) {
      int chunk = worker.matrix.maxRows();
      // In turns: the later rows are, the more tokens they see.
      for (int r = part * chunk; r < rows; r += plan.ownParts * chunk) {
        matrixOwn(c, worker, sequence, head, split, r, Math.min(chunk, rows - r));
      }
      primer.multiplied(primer.own, item);
    } else if (part == 0) {
      for (int i = 0; i < count; i++) {
        streamOwn(c, worker, sequence, head, split, first + i);
      }
      primer.streamed(primer.own, item);
    }
  }

  private boolean streamsOwn(Call c, int sequence, int split, int count) {
    int group = shape.groupSize();
    // What is read is looked up only where it matters, not in decode steps.
    return StreamKernel.takesOwn(count, group)
        || StreamKernel.takesOwn(count, group, ownBytes(c, sequence, split));
  }

  /** Bytes of the keys and values of a split that a sequence's tokens read at a head, at most. */
  private long ownBytes(Call c, int sequence, int split) {
    long tokens = (long) splitStart(c, sequence, split + 1) - splitStart(c, sequence, split);
    if (split == 0) {
      for (CpuPrefix p = (CpuPrefix) c.view.prefix(sequence); p != null; p = p.parent) {
        tokens += StepPlan.isShared(p) ? 0 : p.tokens;
      }
    }
    return backend.layout.trackBytes(tokens);
  }

  private void streamOwn(Call c, CpuWorker worker, int sequence, int head, int split, int token) {
    int group = shape.groupSize();
    int row = token * shape.queryHeads() + head * group;
    long position = plan.positionOf[token];
    worker.stream.begin(group);
    for (int j = 0; j < group; j++) {
      worker.stream.query(j, worker.query(c.q, row + j));
    }
    CpuPrefix leaf = (CpuPrefix) c.view.prefix(sequence);
    if (split == 0) {
      for (CpuPrefix p = leaf; p != null; p = p.parent) {
        if (!StepPlan.isShared(p)) {
          worker.run.set(p.store, head, p.visibleFrom(position, options.window()), p.tokens);
          worker.stream.attend(worker.run);
        }
      }
    }
    int from = Math.max(splitStart(c, sequence, split), suffixFrom(position, leaf));
    int to = Math.min(splitStart(c, sequence, split + 1), suffixTo(c, sequence, position, leaf));
    for (int at = from; at < to; at = worker.run.to) {
      suffixes.set(worker.run, sequence, head, at, to);
      worker.stream.attend(worker.run);
    }
    for (int j = 0; j < group; j++) {
      worker.stream.state(j, worker.output);
      finish(c, worker, leaf, split, row + j);
    }
  }

  private void matrixOwn(
      Call c, CpuWorker worker, int sequence, int head, int split, int first, int rows) {
    MatrixKernel matrix = worker.matrix;
    CpuPrefix leaf = (CpuPrefix) c.view.prefix(sequence);
    matrix.begin(rows);
    for (int r = 0; r < rows; r++) {
      matrix.query(r, worker.query(c.q, ownRow(sequence, head, first + r)));
    }
    if (split == 0) {
      for (CpuPrefix p = leaf; p != null; p = p.parent) {
        if (!StepPlan.isShared(p)) {
          for (int r = 0; r < rows; r++) {
            long position = ownPosition(sequence, first + r);
            matrix.bound(r, p.visibleFrom(position, options.window()), p.tokens);
          }
          matrix.attend(worker.run.set(p.store, head, 0, p.tokens));
        }
      }
    }
    int from = Integer.MAX_VALUE;
    int to = 0;
    for (int r = 0; r < rows; r++) {
      long position = ownPosition(sequence, first + r);
      int rowFrom = suffixFrom(position, leaf);
      int rowTo = suffixTo(c, sequence, position, leaf);
      matrix.bound(r, rowFrom, rowTo);
      from = Math.min(from, rowFrom);
      to = Math.max(to, rowTo);
    }
    from = Math.max(from, splitStart(c, sequence, split));
    to = Math.min(to, splitStart(c, sequence, split + 1));
    for (int at = from; at < to; at = worker.run.to) {
      suffixes.set(worker.run, sequence, head, at, to);
      matrix.attend(worker.run);
    }
    for (int r = 0; r < rows; r++) {
      matrix.state(r, worker.output);
      finish(c, worker, leaf, split, ownRow(sequence, head, first + r));
    }
  }

  private int ownRow(int sequence, int head, int r) {
    int group = shape.groupSize();
    int token = plan.firstToken[sequence] + r / group;
    return token * shape.queryHeads() + head * group + r % group;
  }

  private long ownPosition(int sequence, int r) {
    return plan.positionOf[plan.firstToken[sequence] + r / shape.groupSize()];
  }

  private int splitStart(Call c, int sequence, int split) {
    int from = suffixFrom(ownPosition(sequence, 0), (CpuPrefix) c.view.prefix(sequence));
    return plan.ownSplitStart(from, c.view.length(sequence), split);
  }

  /** Whether a split has no tokens and leaves no states: the first has those of prefixes. */
  private boolean isEmpty(Call c, int sequence, int split) {
    return split > 0 && splitStart(c, sequence, split) == splitStart(c, sequence, split + 1);
  }

  private int suffixFrom(long position, @Nullable CpuPrefix leaf) {
    return options.window() < 0
        ? 0
        : Math.clamp(position - options.window() - suffixStart(leaf), 0, Integer.MAX_VALUE);
  }

  private int suffixTo(Call c, int sequence, long position, @Nullable CpuPrefix leaf) {
    int length = c.view.length(sequence);
    return options.causal() ? Math.clamp(position + 1 - suffixStart(leaf), 0, length) : length;
  }

  private static long suffixStart(@Nullable CpuPrefix leaf) {
    return leaf == null ? 0 : (long) leaf.start + leaf.tokens;
  }

  /**
   * Writes an own pass's row to the caller, merged if the shared passes are through with its head;
   * else to its slot.
   */
  private void finish(Call c, CpuWorker worker, @Nullable CpuPrefix leaf, int split, int row) {
    if (plan.ownOnly(leaf)) {
      worker.output.write(c.out, c.lse, row);
    } else if (plan.cached && plan.ownSplits == 1 && progress.isComplete(headOf(row))) {
      finishShared(c, worker.output, leaf, row);
      partials.putDone(split, row);
    } else {
      partials.put(split, row, worker.output);
      worker.leftStep = backend.steps;
    }
  }

  private int headOf(int row) {
    return row % shape.queryHeads() / shape.groupSize();
  }

  private void runMerges(int worker) {
    Call c = call;
    if (c == null) {
      return;
    }
    int group = shape.groupSize();
    for (int item = merges.take(worker); item >= 0; item = merges.take(worker)) {
      int token = TrackOrder.member(item, plan.tokens, shape.kvHeads(), plan.cached);
      int head = TrackOrder.head(item, plan.tokens, shape.kvHeads(), plan.cached);
      CpuPrefix leaf = (CpuPrefix) c.view.prefix(plan.sequenceOf[token]);
      if (!plan.ownOnly(leaf)) {
        int row = token * shape.queryHeads() + head * group;
        for (int j = 0; j < group; j++) {
          if (!partials.isDone(0, row + j)) {
            mergeRow(c, workers[worker].output, leaf, row + j);
          }
        }
      }
    }
  }

  private void mergeRow(Call c, RowOutput state, @Nullable CpuPrefix leaf, int row) {
    state.clear();
    int sequence = plan.sequenceOf[row / shape.queryHeads()];
    for (int split = 0; split < plan.ownSplits; split++) {
      if (!isEmpty(c, sequence, split)) {
        partials.mergeInto(state, split, row);
      }
    }
    finishShared(c, state, leaf, row);
  }

  /** Merges the states of the shared passes into a row's own and writes it. */
  private void finishShared(Call c, RowOutput state, @Nullable CpuPrefix leaf, int row) {
    for (SharedPass pass = StepPlan.lowest(leaf); pass != null; pass = pass.above) {
      if (pass.shared) {
        for (int split = 0; split < pass.splits; split++) {
          partials.mergeInto(state, pass.slot + split, row);
        }
      }
    }
    state.write(c.out, c.lse, row);
  }
}
