package io.github.hydragen.tornado;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes that a batch needs, one behind the other in as few stores as possible, each cut into
 * segments: at the ends of stores, and where that gives the device enough work-groups.
 */
final class PrefixPool {
  /** Segments shorter than this many keys cost more in merging than they gain. */
  static final int SHORTEST = 256;

  /** Keys of a tile, of which a segment has whole ones. */
  private static final int TILE = 32;

  /**
   * Keys of a prefix that one work-group reads.
   *
   * @param store the store that holds them
   * @param firstKey the first, as a token of the store
   * @param keys how many
   * @param offset the first, as a token of the prefix
   * @param slot the slot of their partial states
   */
  record Segment(int store, int firstKey, int keys, int offset, int slot) {}

  /**
   * A prefix in the pool.
   *
   * @param position the first key's position in its sequences
   * @param slots slots that it and its ancestors take
   */
  record Node(
      @Nullable Node parent, DevicePrefix prefix, int position, int slots, List<Segment> segments) {
    int end() {
      return position + prefix.length();
    }
  }

  private final Map<DevicePrefix, Node> nodes = new LinkedHashMap<>();
  private final int tokensPerStore;
  private long tokens;

  PrefixPool(int tokensPerStore) {
    this.tokensPerStore = tokensPerStore;
  }

  /**
   * Adds a prefix behind its ancestors, which are in the pool already.
   *
   * @param parts the number of segments to aim at, 1 or more
   */
  void add(DevicePrefix prefix, int parts) {
    DevicePrefix before = prefix.parent();
    Node parent = before == null ? null : nodes.get(before);
    int firstSlot = parent == null ? 0 : parent.slots();
    List<Segment> segments = new ArrayList<>();
    int size = Math.max(SHORTEST, roundUp((prefix.length() + parts - 1) / parts, TILE));
    for (int offset = 0; offset < prefix.length(); ) {
      int firstKey = (int) (tokens % tokensPerStore);
      int keys = Math.min(Math.min(size, prefix.length() - offset), tokensPerStore - firstKey);
      segments.add(
          new Segment(
              (int) (tokens / tokensPerStore),
              firstKey,
              keys,
              offset,
              firstSlot + segments.size()));
      offset += keys;
      tokens += keys;
    }
    int position = parent == null ? 0 : parent.end();
    nodes.put(
        prefix,
        new Node(parent, prefix, position, firstSlot + segments.size(), List.copyOf(segments)));
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** Tokens of all prefixes. */
  long tokens() {
    return tokens;
  }

  boolean contains(Set<DevicePrefix> prefixes) {
    return nodes.keySet().containsAll(prefixes);
  }

  /** The node of a prefix that is in the pool; null for null. */
  @Nullable Node node(@Nullable DevicePrefix prefix) {
    return prefix == null ? null : nodes.get(prefix);
  }

  /** The most slots of a path. */
  int slots() {
    return nodes.values().stream().mapToInt(Node::slots).max().orElse(0);
  }

  /** Copies the prefixes to stores of their own. */
  Stores store(Arena arena, Layout layout) {
    Stores stores = new Stores(arena, layout, tokens, tokensPerStore);
    for (Node node : nodes.values()) {
      for (Segment segment : node.segments()) {
        long token = (long) segment.store() * tokensPerStore + segment.firstKey();
        stores.copy(token, node.prefix().tokens(), segment.offset(), segment.keys());
      }
    }
    return stores;
  }
}
