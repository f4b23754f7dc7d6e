package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.kernel.CpuWorker;
import io.github.hydragen.cpu.kernel.Partials;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.sharing.CpuPrefix;
import io.github.hydragen.cpu.sharing.SharedPass;
import io.github.hydragen.cpu.sharing.StepPlan;

/**
 * The items of shared passes: some rows of a pass at a key/value head against a split of its
 * prefixes' tokens. Their states go to slots.
 */
final class SharedItems {
  private final int queryHeads;
  private final int group;
  private final int window;
  private final StepPlan plan;
  private final Partials partials;

  SharedItems(CpuBackend backend, StepPlan plan, Partials partials) {
    this.queryHeads = backend.layout.shape.queryHeads();
    this.group = backend.layout.shape.groupSize();
    this.window = backend.options.window();
    this.plan = plan;
    this.partials = partials;
  }

  /** Computes an item; whether by the streaming kernel. */
  boolean attend(CpuWorker worker, Tensor q, int item) {
    int head = item / plan.headItems;
    SharedPass pass = plan.passOf(item % plan.headItems);
    int local = item % plan.headItems - pass.firstItem;
    int split = local % pass.splits;
    int first = local / pass.splits * pass.chunkRows;
    int rows = Math.min(pass.chunkRows, pass.count * group - first);
    boolean streamed = rows <= StreamKernel.MAX_ROWS && window < 0;
    if (streamed) {
      stream(worker, q, pass, head, first, rows, split);
    } else {
      multiply(worker, q, pass, head, first, rows, split);
    }
    return streamed;
  }

  private void stream(
      CpuWorker worker, Tensor q, SharedPass pass, int head, int first, int rows, int split) {
    worker.stream.begin(rows);
    for (int r = 0; r < rows; r++) {
      worker.stream.query(r, worker.query(q, queryRow(pass, head, first + r)));
    }
    for (CpuPrefix prefix : pass.prefixes) {
      if (reads(worker, pass, prefix, head, split)) {
        worker.stream.attend(worker.run);
      }
    }
    for (int r = 0; r < rows; r++) {
      worker.stream.state(r, worker.output);
      partials.put(pass.slot + split, queryRow(pass, head, first + r), worker.output);
    }
  }

  private void multiply(
      CpuWorker worker, Tensor q, SharedPass pass, int head, int first, int rows, int split) {
    worker.matrix.begin(rows);
    for (int r = 0; r < rows; r++) {
      worker.matrix.query(r, worker.query(q, queryRow(pass, head, first + r)));
    }
    for (CpuPrefix prefix : pass.prefixes) {
      if (reads(worker, pass, prefix, head, split)) {
        if (window >= 0) {
          bound(worker, pass, prefix, head, first, rows);
        }
        worker.matrix.attend(worker.run);
      }
    }
    for (int r = 0; r < rows; r++) {
      worker.matrix.state(r, worker.output);
      partials.put(pass.slot + split, queryRow(pass, head, first + r), worker.output);
    }
  }

  /** Sets the worker's run to what a split has of a prefix, if it has anything. */
  private static boolean reads(
      CpuWorker worker, SharedPass pass, CpuPrefix prefix, int head, int split) {
    int before = prefix.start - pass.start();
    int from = Math.max(0, pass.splitStart(split) - before);
    int to = Math.min(prefix.tokens, pass.splitStart(split + 1) - before);
    worker.run.set(prefix.store, head, from, to);
    return from < to;
  }

  private void bound(
      CpuWorker worker, SharedPass pass, CpuPrefix prefix, int head, int first, int rows) {
    int seen = worker.run.to;
    for (int r = 0; r < rows; r++) {
      long position = plan.positionOf[queryRow(pass, head, first + r) / queryHeads];
      int from = prefix.visibleFrom(position, window);
      worker.matrix.bound(r, from, prefix.tokens);
      seen = Math.min(seen, from);
    }
    worker.run.from = Math.max(worker.run.from, seen);
  }

  /** Row {@code r} of a pass at a key/value head: groups of query heads, token after token. */
  private int queryRow(SharedPass pass, int head, int r) {
    return pass.tokens[r / group] * queryHeads + head * group + r % group;
  }
}
