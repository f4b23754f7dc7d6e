package io.github.hydragen.cpu;

import io.github.hydragen.spi.BackendPrefix;
import org.jspecify.annotations.Nullable;

/** A prefix's packed keys and values, one track a key/value head, and its place in the tree. */
final class CpuPrefix implements BackendPrefix {
  final @Nullable CpuPrefix parent;
  final KvStore store;
  final int tokens;

  /** Position of its first token: the tokens of its ancestors. */
  final int start;

  final int depth;

  /** The pass over this prefix in the plan that is being made or run; see {@link StepPlan}. */
  @Nullable SharedPass pass;

  CpuPrefix(@Nullable CpuPrefix parent, KvStore store, int tokens) {
    this.parent = parent;
    this.store = store;
    this.tokens = tokens;
    this.start = parent == null ? 0 : parent.start + parent.tokens;
    this.depth = parent == null ? 0 : parent.depth + 1;
  }

  @Override
  public void close() {
    store.close();
  }
}
