package io.github.hydragen.prefix;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Walks a radix tree and keeps the nodes that are worth sharing. */
final class SharingPass {
  private final int minTokens;
  private final List<Builder> kept = new ArrayList<>();
  private final Map<Integer, Integer> nodes = new HashMap<>();

  /** A node to visit and the index of the last one kept above it, -1 for none. */
  private record Visit(RadixNode node, int above) {}

  /** A kept node whose sequences are not known yet. */
  private record Builder(RadixNode node, int parent, int from, List<Integer> sequences) {
    SharedPrefixes.Node build() {
      return new SharedPrefixes.Node(node.id, parent, from, node.end, sequences, node.count, any());
    }

    /** Any sequence that ends here or below. */
    private int any() {
      RadixNode below = node;
      while (below.sequences.isEmpty()) {
        below = below.children.values().iterator().next();
      }
      return below.sequences.iterator().next();
    }
  }

  SharingPass(int minTokens) {
    this.minTokens = minTokens;
  }

  /** Visits without recursion: a tree may be as deep as its longest sequence. */
  SharedPrefixes over(RadixNode root) {
    Deque<Visit> open = new ArrayDeque<>();
    open.push(new Visit(root, -1));
    while (!open.isEmpty()) {
      Visit visit = open.pop();
      RadixNode node = visit.node;
      int index = keep(node, visit.above);
      for (int sequence : node.sequences) {
        nodes.put(sequence, index);
        if (index >= 0) {
          kept.get(index).sequences.add(sequence);
        }
      }
      for (RadixNode child : node.children.values()) {
        open.push(new Visit(child, index));
      }
    }
    return new SharedPrefixes(kept.stream().map(Builder::build).toList(), nodes);
  }

  /** The index of the last node kept on the way to this one, itself included. */
  private int keep(RadixNode node, int above) {
    int from = above < 0 ? 0 : kept.get(above).node.end;
    if (node.count < 2 || node.end - from < minTokens) {
      return above;
    }
    kept.add(new Builder(node, above, from, new ArrayList<>()));
    return kept.size() - 1;
  }
}
