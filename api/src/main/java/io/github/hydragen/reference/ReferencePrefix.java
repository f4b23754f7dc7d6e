package io.github.hydragen.reference;

import io.github.hydragen.spi.BackendPrefix;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A prefix and its tokens. */
final class ReferencePrefix implements BackendPrefix {
  private final @Nullable ReferencePrefix parent;
  private final TokenStore tokens;
  private final int length;

  ReferencePrefix(@Nullable ReferencePrefix parent, TokenStore tokens, int length) {
    this.parent = parent;
    this.tokens = tokens;
    this.length = length;
  }

  TokenStore tokens() {
    return tokens;
  }

  int length() {
    return length;
  }

  int depth() {
    return path(this).size() - 1;
  }

  /** A prefix and its ancestors, outermost first; empty for null. */
  static List<ReferencePrefix> path(@Nullable ReferencePrefix leaf) {
    Deque<ReferencePrefix> path = new ArrayDeque<>();
    for (ReferencePrefix p = leaf; p != null; p = p.parent) {
      path.addFirst(p);
    }
    return List.copyOf(path);
  }

  @Override
  public void close() {
    tokens.close();
  }
}
