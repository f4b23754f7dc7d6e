package io.github.hydragen.tornado.prefill;

import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.plan.ItemWriter;
import io.github.hydragen.tornado.plan.ItemWriter.Range;
import io.github.hydragen.tornado.plan.Pass;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.plan.SharingModel;
import io.github.hydragen.tornado.plan.StepPlan;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.Stores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plans executions of a {@link PrefillGraph}: a sequence's own tokens are keys like those of its
 * prefixes, and all of them go into one store, one behind the other.
 */
public final class PrefillPlanner {
  /** The one pass of the graph. */
  static final Pass PASS = new Pass(false, 0, true);

  private final Layout layout;
  private final SharingModel model;
  private final ItemWriter items;
  private final Stores suffixes;
  private final int capacity;

  /**
   * Keys that lie behind each other.
   *
   * @param from the stores that have them
   * @param first their first token there
   * @param target the first one's place in the graph's store, a multiple of a tile
   */
  public record Piece(Stores from, long first, int tokens, int target) {
    /** The first tokens of it. */
    Piece first(int count) {
      return new Piece(from, first, count, target);
    }
  }

  /**
   * An execution.
   *
   * @param pieces the keys that it needs
   * @param keys the graph's keys that they take; may be more than an array holds
   * @param slots the most partial states of a token
   */
  record Plan(StepPlan step, List<Piece> pieces, long keys, int slots) {}

  /** A piece and the query tokens that see it, of each sequence. */
  private record Group(Piece piece, int position, int slot, List<List<int[]>> sequences) {}

  /** What a plan gathers. */
  private static final class Draft {
    final StepPlan step = new StepPlan();
    final Map<DevicePrefix, Group> prefixes = new LinkedHashMap<>();
    final List<Group> suffixes = new ArrayList<>();
    final List<Piece> pieces = new ArrayList<>();
    long keys;
    int slots;

    Group place(Stores from, long first, int tokens, int position, int slot) {
      Piece piece = new Piece(from, first, tokens, (int) keys);
      pieces.add(piece);
      keys += (long) Math.ceilDiv(tokens, PrefixPool.TILE) * PrefixPool.TILE;
      return new Group(piece, position, slot, new ArrayList<>());
    }
  }

  /**
   * A planner.
   *
   * @param suffixes of {@code capacity} tokens each
   */
  public PrefillPlanner(
      Layout layout, PassShape shape, SharingModel model, Stores suffixes, int capacity) {
    this.layout = layout;
    this.model = model;
    this.items = new ItemWriter(layout, shape);
    this.suffixes = suffixes;
    this.capacity = capacity;
  }

  /**
   * Plans query tokens {@code from} to {@code to} of a call.
   *
   * @param counts query tokens of each sequence
   */
  Plan plan(BatchView view, int[] counts, long from, long to) {
    Draft draft = new Draft();
    ItemWriter.forEach(
        counts,
        from,
        to,
        (s, count, first, last, token0) -> addSequence(draft, view, s, count, first, last, token0));
    for (Group group : draft.prefixes.values()) {
      ItemWriter.rowLists(model, group.piece().tokens(), group.sequences())
          .forEach(tokens -> addItems(draft.step, group, tokens));
    }
    draft.suffixes.forEach(
        group -> group.sequences().forEach(own -> addItems(draft.step, group, own)));
    return new Plan(draft.step, draft.pieces, draft.keys, draft.slots);
  }

  private void addItems(StepPlan step, Group group, List<int[]> tokens) {
    Piece piece = group.piece();
    Range range = new Range(piece.target(), piece.tokens(), group.position());
    int entries = items.addRows(step, tokens);
    items.addItems(step, PASS, tokens, entries, tile -> range, group.slot(), false);
  }

  /** Adds tokens {@code first} to {@code last} of a sequence, whose token 0 is {@code token0}. */
  private void addSequence(
      Draft draft, BatchView view, int sequence, int count, int first, int last, int token0) {
    List<DevicePrefix> path = DevicePrefix.path(view.prefix(sequence));
    int prefixLength = path.stream().mapToInt(DevicePrefix::length).sum();
    int length = view.length(sequence);
    List<int[]> tokens = items.visible(prefixLength, length, count, first, last, token0);
    int position = 0;
    int slot = 0;
    for (DevicePrefix prefix : path) {
      if (prefix.length() > 0) {
        int at = position;
        int in = slot++;
        draft
            .prefixes
            .computeIfAbsent(prefix, p -> draft.place(p.tokens(), 0, p.length(), at, in))
            .sequences()
            .add(tokens);
        position += prefix.length();
      }
    }
    int own = layout.options().causal() ? Math.max(0, length - count + last) : length;
    if (own > 0) {
      long stored = (long) sequence * capacity;
      Group suffix = draft.place(suffixes, stored, own, prefixLength, slot++);
      suffix.sequences().add(tokens);
      draft.suffixes.add(suffix);
    }
    int used = slot;
    tokens.forEach(token -> draft.step.slotCounts().add(used));
    draft.slots = Math.max(draft.slots, slot);
  }
}
