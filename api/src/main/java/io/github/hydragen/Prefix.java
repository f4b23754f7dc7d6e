package io.github.hydragen;

import io.github.hydragen.spi.BackendPrefix;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values that several sequences share, stored once by their engine.
 *
 * <p>Prefixes form trees: a sequence attached to one sees its tokens and those of all ancestors.
 */
public final class Prefix implements AutoCloseable {
  final AttentionEngine engine;
  final BackendPrefix stored;
  private final @Nullable Prefix parent;
  private final int length;
  private final int totalLength;
  private final int depth;
  private int children;
  private int sequences;
  private boolean closed;

  Prefix(AttentionEngine engine, @Nullable Prefix parent, BackendPrefix stored, int length) {
    this.engine = engine;
    this.parent = parent;
    this.stored = stored;
    this.length = length;
    this.totalLength = length + (parent == null ? 0 : parent.totalLength);
    this.depth = parent == null ? 0 : parent.depth + 1;
    if (parent != null) {
      parent.children++;
    }
  }

  /** The prefix before this one, or null. */
  public @Nullable Prefix parent() {
    return parent;
  }

  /** Its own tokens, 0 or more. */
  public int length() {
    return length;
  }

  /** Its own tokens and those of its ancestors. */
  public int totalLength() {
    return totalLength;
  }

  /** 0 without a parent, else one more than the parent's. */
  public int depth() {
    return depth;
  }

  /** Sequences attached to this prefix itself. */
  public int sequences() {
    engine.lock.lock();
    try {
      return sequences;
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Frees its storage.
   *
   * @throws IllegalStateException if a sequence or a child uses it; nothing is changed then
   */
  @Override
  public void close() {
    engine.lock.lock();
    try {
      if (closed) {
        return;
      }
      if (children > 0 || sequences > 0) {
        throw new IllegalStateException(
            "the prefix is in use by "
                + sequences
                + " sequences and "
                + children
                + " child prefixes: attach the sequences elsewhere and close the children first");
      }
      release();
      engine.forget(this);
    } finally {
      engine.lock.unlock();
    }
  }

  /** Frees the storage without asking who uses it: the engine closes everything. */
  void release() {
    closed = true;
    if (parent != null) {
      parent.children--;
    }
    stored.close();
  }

  void checkUsable(AttentionEngine by) {
    if (engine != by) {
      throw new IllegalArgumentException(
          "the prefix belongs to another engine: make it with the engine of the batch");
    }
    Checks.open(!closed, "the prefix");
  }

  void attached(int change) {
    sequences += change;
  }
}
