package io.github.hydragen.tornado.store;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes that a batch needs, one behind the other in as few stores as possible, each cut into
 * segments: at the ends of stores, and where that gives the device enough work-groups. There may be
 * room behind the last, for prefixes that join later.
 */
public final class PrefixPool {
  /** Segments shorter than this many keys cost more in merging than they gain. */
  public static final int SHORTEST = 256;

  /** Keys of a tile, of which a segment has whole ones. */
  public static final int TILE = 32;

  /**
   * Keys of a prefix that one work-group reads.
   *
   * @param store the store that holds them
   * @param firstKey the first, as a token of the store
   * @param keys how many
   * @param offset the first, as a token of the prefix
   * @param slot the slot of their partial states
   */
  public record Segment(int store, int firstKey, int keys, int offset, int slot) {}

  /**
   * A prefix in the pool.
   *
   * @param position the first key's position in its sequences
   * @param slots slots that it and its ancestors take
   * @param tiles its segments, of each tile of query rows that has its own; as many of each
   */
  public record Node(
      @Nullable Node parent,
      DevicePrefix prefix,
      int position,
      int slots,
      List<List<Segment>> tiles) {
    public int end() {
      return position + prefix.length();
    }

    /** The segments that it has for a tile of query rows. */
    public List<Segment> segments(int tile) {
      return tiles.get(tile % tiles.size());
    }
  }

  private final Map<DevicePrefix, Node> nodes = new LinkedHashMap<>();
  private final int tokensPerStore;
  private final int alignment;
  private long tokens;
  private long room;
  private int mostSlots = Integer.MAX_VALUE;

  /**
   * An empty pool.
   *
   * @param tokensPerStore the most tokens of a store, a multiple of {@code alignment}
   * @param alignment prefixes start at a multiple of so many tokens; those of none take no place
   */
  public PrefixPool(int tokensPerStore, int alignment) {
    this.tokensPerStore = tokensPerStore;
    this.alignment = alignment;
  }

  /**
   * Adds a prefix behind its ancestors, which are in the pool already.
   *
   * @param parts the number of segments to aim at, 1 or more
   */
  public Node add(DevicePrefix prefix, int parts) {
    align(prefix);
    return place(prefix, List.of(cut(prefix.length(), parts, firstSlot(prefix))));
  }

  /**
   * Adds a prefix behind its ancestors, which are in the pool already, with segments as they are
   * given. If it does not lie in one store, it is cut into as many equal ones at least.
   */
  public Node add(DevicePrefix prefix, Cut cut) {
    align(prefix);
    if (tokens % tokensPerStore + prefix.length() > tokensPerStore || prefix.length() == 0) {
      return add(prefix, Math.max(1, cut.parts()));
    }
    List<List<Segment>> tiles = new ArrayList<>();
    for (int tile = 0; tile < cut.tiles(); tile++) {
      tiles.add(segments(cut, tile, firstSlot(prefix)));
    }
    return place(prefix, List.copyOf(tiles));
  }

  private void align(DevicePrefix prefix) {
    if (prefix.length() > 0) {
      tokens = (tokens + alignment - 1) / alignment * alignment;
    }
  }

  private int firstSlot(DevicePrefix prefix) {
    Node parent = node(prefix.parent());
    return parent == null ? 0 : parent.slots();
  }

  private Node place(DevicePrefix prefix, List<List<Segment>> tiles) {
    Node parent = node(prefix.parent());
    tokens += prefix.length();
    int position = parent == null ? 0 : parent.end();
    int slots = firstSlot(prefix) + tiles.getFirst().size();
    Node node = new Node(parent, prefix, position, slots, tiles);
    nodes.put(prefix, node);
    return node;
  }

  private List<Segment> segments(Cut cut, int tile, int firstSlot) {
    int store = (int) (tokens / tokensPerStore);
    int first = (int) (tokens % tokensPerStore);
    List<Segment> segments = new ArrayList<>();
    int from = 0;
    for (int part = 0; part < cut.parts(); part++) {
      int end = cut.end(tile, part);
      segments.add(new Segment(store, first + from, end - from, from, firstSlot + part));
      from = end;
    }
    return List.copyOf(segments);
  }

  private List<Segment> cut(int length, int parts, int firstSlot) {
    List<Segment> segments = new ArrayList<>();
    int size = Math.max(SHORTEST, roundUp((length + parts - 1) / parts, TILE));
    for (int offset = 0; offset < length; ) {
      long token = tokens + offset;
      int firstKey = (int) (token % tokensPerStore);
      int keys = Math.min(Math.min(size, length - offset), tokensPerStore - firstKey);
      int store = (int) (token / tokensPerStore);
      segments.add(new Segment(store, firstKey, keys, offset, firstSlot + segments.size()));
      offset += keys;
    }
    return List.copyOf(segments);
  }

  /** From now on prefixes join only into so much room, and take no more slots than are there. */
  public void freeze(long tokensOfRoom) {
    room = tokensOfRoom;
    mostSlots = slots();
  }

  /**
   * Adds a prefix to a frozen pool; its ancestors are in it already.
   *
   * @param parts as {@link #add} has it, or as few as there are slots for
   * @return null if there is not enough room, in tokens or in slots
   */
  public @Nullable Node join(DevicePrefix prefix, int parts) {
    Node parent = node(prefix.parent());
    int left = mostSlots - (parent == null ? 0 : parent.slots());
    int wanted = Math.max(1, Math.min(parts, left));
    if (prefix.length() > room || cut(prefix.length(), wanted, 0).size() > left) {
      return null;
    }
    room -= prefix.length();
    return add(prefix, wanted);
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** Tokens of all prefixes. */
  public long tokens() {
    return tokens;
  }

  /** Whether a prefix is in the pool. */
  public boolean contains(DevicePrefix prefix) {
    return nodes.containsKey(prefix);
  }

  /** Tokens of the longest prefix. */
  public int longest() {
    return nodes.keySet().stream().mapToInt(DevicePrefix::length).max().orElse(0);
  }

  /** The node of a prefix that is in the pool; null for null. */
  public @Nullable Node node(@Nullable DevicePrefix prefix) {
    return prefix == null ? null : nodes.get(prefix);
  }

  /** The most slots of a path. */
  public int slots() {
    return nodes.values().stream().mapToInt(Node::slots).max().orElse(0);
  }

  /** Copies the prefixes to stores of their own, which have the pool's room as well. */
  public Stores store(Arena arena, Layout layout) {
    Stores stores = new Stores(arena, layout, tokens + room, tokensPerStore);
    nodes.values().forEach(node -> copy(node, stores));
    return stores;
  }

  /** Copies a prefix to its place in the pool's stores. */
  public void copy(Node node, Stores stores) {
    for (Segment segment : node.segments(0)) {
      long token = (long) segment.store() * tokensPerStore + segment.firstKey();
      stores.copy(token, node.prefix().tokens(), segment.offset(), segment.keys());
    }
  }
}
