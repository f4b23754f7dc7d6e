package io.github.hydragen.prefix;

import java.util.List;
import java.util.Map;

/**
 * The prefixes that sequences shared at one moment, as a tree, and where each sequence belongs.
 *
 * <p>It maps directly on an engine:
 *
 * <pre>{@code
 * List<Prefix> prefixes = new ArrayList<>();
 * for (SharedPrefixes.Node node : shared.nodes()) {
 *   Tensor k = keys.get(node.example()).rows(node.from(), node.to());
 *   Tensor v = values.get(node.example()).rows(node.from(), node.to());
 *   prefixes.add(node.parent() < 0
 *       ? engine.prefix(k, v)
 *       : engine.prefix(prefixes.get(node.parent()), k, v));
 * }
 * for (int s = 0; s < batch.size(); s++) {
 *   int node = shared.node(s);
 *   batch.attach(s, node < 0 ? null : prefixes.get(node));
 *   // The sequence's own suffix starts at token shared.covered(s).
 * }
 * }</pre>
 */
public final class SharedPrefixes {
  /**
   * A prefix that two sequences or more share.
   *
   * <p>The same {@code id} and {@code from} in a later result of the same tree, for a node and its
   * ancestors, mean the same tokens: what an engine holds for it can be kept.
   *
   * @param id stands for the tokens from the start to {@code to} as long as sequences part there
   * @param parent index in {@link #nodes()} of the node before it, which is less than its own; -1
   *     for none
   * @param from first token of its own, where the parent's end
   * @param to the end of its tokens, exclusive
   * @param sequences those to attach to this node itself
   * @param sequencesBelow how many see it: those of the nodes below count too
   * @param example any one of them: its tokens, keys and values are those of all
   */
  public record Node(
      long id,
      int parent,
      int from,
      int to,
      List<Integer> sequences,
      int sequencesBelow,
      int example) {
    /** Copies the list. */
    public Node {
      sequences = List.copyOf(sequences);
    }

    /** Its own tokens, at least the minimum asked for. */
    public int length() {
      return to - from;
    }
  }

  private final List<Node> nodes;
  private final Map<Integer, Integer> nodeOf;

  SharedPrefixes(List<Node> nodes, Map<Integer, Integer> nodeOf) {
    this.nodes = nodes;
    this.nodeOf = nodeOf;
  }

  /** The nodes, each behind its parent. */
  public List<Node> nodes() {
    return nodes;
  }

  /**
   * The index of the node that a sequence belongs to, -1 if it shares nothing.
   *
   * @throws IllegalArgumentException if the sequence was not in the tree
   */
  public int node(int sequence) {
    Integer node = nodeOf.get(sequence);
    if (node == null) {
      throw new IllegalArgumentException("sequence " + sequence + " was not in the tree");
    }
    return node;
  }

  /** How many of a sequence's first tokens lie in shared prefixes; its own suffix starts there. */
  public int covered(int sequence) {
    int node = node(sequence);
    return node < 0 ? 0 : nodes.get(node).to();
  }

  /** Tokens that sharing saves storing: those of every sequence but one of each node. */
  public long savedTokens() {
    long saved = 0;
    for (Node node : nodes) {
      saved += (long) node.length() * (node.sequencesBelow() - 1);
    }
    return saved;
  }
}
