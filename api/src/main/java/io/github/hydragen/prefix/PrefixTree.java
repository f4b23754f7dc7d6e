package io.github.hydragen.prefix;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The token ids of the sequences that are there now, as a radix tree: each run that several share
 * is held once.
 *
 * <p>Adding a sequence takes time proportional to its length; removing one, too. Not safe for use
 * by several threads.
 *
 * <pre>{@code
 * PrefixTree tree = new PrefixTree();
 * tree.add(0, tokensOfSequence0);
 * tree.add(1, tokensOfSequence1);
 * SharedPrefixes shared = tree.shared(64);
 * }</pre>
 */
public final class PrefixTree {
  final RadixNode root = new RadixNode(0, null, new int[0], 0, 0);
  private final Map<Integer, RadixNode> ends = new HashMap<>();
  private long lastId;

  /** An empty tree. */
  public PrefixTree() {}

  /** The number of sequences. */
  public int size() {
    return ends.size();
  }

  /** Whether a sequence is there. */
  public boolean contains(int sequence) {
    return ends.containsKey(sequence);
  }

  /**
   * Adds a sequence.
   *
   * @param sequence a number of the caller's, for instance its place in a batch
   * @param tokens its token ids; what of them is new to the tree is copied
   * @throws IllegalArgumentException if the sequence is there already
   */
  public void add(int sequence, int[] tokens) {
    if (contains(sequence)) {
      throw new IllegalArgumentException(
          "sequence " + sequence + " is in the tree already: remove it first");
    }
    RadixNode node = root;
    int position = 0;
    root.count++;
    while (position < tokens.length) {
      RadixNode child = node.children.get(tokens[position]);
      if (child == null) {
        int[] rest = Arrays.copyOfRange(tokens, position, tokens.length);
        child = new RadixNode(++lastId, node, rest, 0, rest.length);
        child.link();
      } else {
        int same = child.matches(tokens, position);
        child = same < child.length() ? child.split(++lastId, same) : child;
      }
      child.count++;
      position = child.end;
      node = child;
    }
    node.sequences.add(sequence);
    ends.put(sequence, node);
  }

  /**
   * Removes a sequence.
   *
   * @throws IllegalArgumentException if it is not there
   */
  public void remove(int sequence) {
    RadixNode end = ends.remove(sequence);
    if (end == null) {
      throw new IllegalArgumentException("sequence " + sequence + " is not in the tree");
    }
    end.sequences.remove(sequence);
    for (RadixNode node = end; node != null; node = node.parent()) {
      node.count--;
    }
    tidy(end);
  }

  /** Drops a node that ends nothing any more, or joins it to its only child. */
  private static void tidy(RadixNode node) {
    RadixNode parent = node.parent();
    if (parent == null || !node.sequences.isEmpty()) {
      return;
    }
    if (node.children.isEmpty()) {
      node.unlink();
      tidy(parent);
    } else if (node.children.size() == 1) {
      node.children.values().iterator().next().absorbParent();
    }
  }

  /**
   * What is worth sharing now.
   *
   * <p>A prefix ends where the sequences that have it part, or where one of them ends. From the
   * root down, each that is at least {@code minTokens} longer than the last above it becomes a
   * node; the tokens of a shorter one are left to those below it.
   *
   * @param minTokens the shortest prefix worth a pass of its own, 1 or more
   * @throws IllegalArgumentException if it is less than 1
   */
  public SharedPrefixes shared(int minTokens) {
    if (minTokens < 1) {
      throw new IllegalArgumentException(
          "minTokens " + minTokens + " is below 1: choose 1 or more");
    }
    return new SharingPass(minTokens).over(root);
  }

  /**
   * How many of the first tokens are there already, in any sequence.
   *
   * @param tokens token ids, for instance of a sequence that might be added
   */
  public int matched(int[] tokens) {
    @Nullable RadixNode node = root;
    int position = 0;
    while (position < tokens.length) {
      node = node.children.get(tokens[position]);
      if (node == null) {
        return position;
      }
      int same = node.matches(tokens, position);
      position += same;
      if (same < node.length()) {
        return position;
      }
    }
    return position;
  }
}
