package io.github.hydragen.cpu.sharing;

import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.spi.BackendPrefix;
import org.jspecify.annotations.Nullable;

/** A prefix's packed keys and values, one track a key/value head, and its place in the tree. */
public final class CpuPrefix implements BackendPrefix {
  /** The prefix that it continues, if any. */
  public final @Nullable CpuPrefix parent;

  /** Its keys and values alone. */
  public final KvStore store;

  /** Its own tokens. */
  public final int tokens;

  /** Position of its first token: the tokens of its ancestors. */
  public final int start;

  /** How many ancestors it has. */
  public final int depth;

  /** The pass over this prefix in the plan that is being made or run; see {@link StepPlan}. */
  public @Nullable SharedPass pass;

  /** A prefix that owns its store. */
  public CpuPrefix(@Nullable CpuPrefix parent, KvStore store, int tokens) {
    this.parent = parent;
    this.store = store;
    this.tokens = tokens;
    this.start = parent == null ? 0 : parent.start + parent.tokens;
    this.depth = parent == null ? 0 : parent.depth + 1;
  }

  /**
   * The first of its tokens that a query sees, or their number if it sees none.
   *
   * @param position of the query
   * @param window tokens before it that it sees; if negative, all
   */
  public int visibleFrom(long position, int window) {
    return window < 0 ? 0 : Math.clamp(position - window - start, 0, tokens);
  }

  @Override
  public void close() {
    store.close();
  }
}
