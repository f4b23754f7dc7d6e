package io.github.hydragen.prefix;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node of a radix tree with the run of tokens that leads to it.
 *
 * <p>Every node but the root ends a sequence or has two children or more. A node stands for all
 * tokens from the root to its end: splitting or joining runs above it does not change which.
 */
final class RadixNode {
  final long id;
  final Map<Integer, RadixNode> children = new HashMap<>();

  /** Those that end here. */
  final Set<Integer> sequences = new LinkedHashSet<>();

  private @Nullable RadixNode parent;
  private int[] tokens;
  private int from;
  private int to;

  /** Tokens from the root to this node's end. */
  final int end;

  /** Sequences that end here or below. */
  int count;

  /** The run is {@code from} (inclusive) to {@code to} (exclusive) of the array. */
  RadixNode(long id, @Nullable RadixNode parent, int[] tokens, int from, int to) {
    this.id = id;
    this.parent = parent;
    this.tokens = tokens;
    this.from = from;
    this.to = to;
    this.end = (parent == null ? 0 : parent.end) + to - from;
  }

  @Nullable RadixNode parent() {
    return parent;
  }

  /** How many tokens of the run are equal to those at a position of an array. */
  int matches(int[] others, int position) {
    int most = Math.min(to - from, others.length - position);
    int mismatch = Arrays.mismatch(tokens, from, from + most, others, position, position + most);
    return mismatch < 0 ? most : mismatch;
  }

  int length() {
    return to - from;
  }

  private int first() {
    return tokens[from];
  }

  /** Hangs it below its parent. */
  void link() {
    if (parent != null) {
      parent.children.put(first(), this);
    }
  }

  void unlink() {
    if (parent != null) {
      parent.children.remove(first());
    }
  }

  /** Puts a new node with the first tokens of the run between this one and its parent. */
  RadixNode split(long newId, int length) {
    RadixNode upper = new RadixNode(newId, parent, tokens, from, from + length);
    upper.count = count;
    upper.link();
    from += length;
    parent = upper;
    link();
    return upper;
  }

  /** Takes over the parent's run: the parent has no other use. */
  void absorbParent() {
    RadixNode upper = parent;
    if (upper == null) {
      throw new IllegalStateException("the root has no parent");
    }
    if (upper.tokens == tokens && upper.to == from) {
      from = upper.from;
    } else {
      int[] joined = Arrays.copyOfRange(upper.tokens, upper.from, upper.to + length());
      System.arraycopy(tokens, from, joined, upper.length(), length());
      tokens = joined;
      from = 0;
      to = joined.length;
    }
    parent = upper.parent;
    link();
  }
}
