package io.github.hydragen.cli.attend;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.cli.attend.AttentionCase.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tree behind a case's levels: a node is a group below the node of the level above.
 *
 * <p>Groups that no sequence uses are not loaded. A group that follows several parents is stored
 * once below each, since a prefix has one parent; {@link #copies()} tells.
 */
final class GroupTree {
  private record Node(@Nullable Prefix parent, int level, int group) {}

  private final AttentionEngine engine;
  private final List<Level> levels;
  private final Map<Node, Prefix> nodes = new HashMap<>();

  GroupTree(AttentionEngine engine, List<Level> levels) {
    this.engine = engine;
    this.levels = levels;
  }

  /** A batch whose sequences are attached to their prefixes, which are loaded where need be. */
  SequenceBatch batch(int sequences, int capacity) {
    SequenceBatch batch = engine.batch(sequences, capacity);
    for (int b = 0; b < sequences; b++) {
      batch.attach(b, leaf(b));
    }
    return batch;
  }

  /** The innermost prefix of a sequence, or null for none. */
  private @Nullable Prefix leaf(int sequence) {
    Prefix parent = null;
    for (int level = 0; level < levels.size(); level++) {
      parent = child(new Node(parent, level, levels.get(level).groups().get(sequence)));
    }
    return parent;
  }

  private Prefix child(Node node) {
    Prefix known = nodes.get(node);
    if (known != null) {
      return known;
    }
    Level level = levels.get(node.level);
    Prefix loaded =
        node.parent == null
            ? engine.prefix(level.keysOf(node.group), level.valuesOf(node.group))
            : engine.prefix(node.parent, level.keysOf(node.group), level.valuesOf(node.group));
    nodes.put(node, loaded);
    return loaded;
  }

  /** A line for each level with groups that are stored more than once. */
  List<String> copies() {
    Map<Integer, Integer> copies = new TreeMap<>();
    Set<List<Integer>> seen = new HashSet<>();
    for (Node node : nodes.keySet()) {
      if (!seen.add(List.of(node.level, node.group))) {
        copies.merge(node.level, 1, Integer::sum);
      }
    }
    return copies.entrySet().stream()
        .map(
            level ->
                "prefix.%d has groups below several parents: %d more copies are stored"
                    .formatted(level.getKey(), level.getValue()))
        .toList();
  }
}
