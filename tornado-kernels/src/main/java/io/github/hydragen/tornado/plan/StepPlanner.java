package io.github.hydragen.tornado.plan;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.kernels.StreamPassF32;
import io.github.hydragen.tornado.kernels.SuffixParts;
import io.github.hydragen.tornado.plan.ItemWriter.Range;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.PrefixPool.Node;
import io.github.hydragen.tornado.store.PrefixPool.Segment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns query tokens into work items: the tokens below a prefix share its keys, the tokens of a
 * sequence share its suffix.
 */
public final class StepPlanner {
  private final Layout layout;
  private final PrefixPool pool;
  private final SuffixShape suffixes;

  /** Whether passes over suffixes merge. */
  private final boolean merges;

  private final SharingModel model;
  private final Predicate<Pass> available;
  private final PassShape shape;
  private final ItemWriter items;

  /**
   * How the suffixes lie.
   *
   * @param capacity tokens of a sequence
   * @param perStore tokens of a store, a multiple of {@code capacity}
   * @param parts segments of a suffix, each with a slot of its own
   */
  public record SuffixShape(int capacity, int perStore, int parts) {
    /** Lets the new token of each sequence go where its length, which counts it, says. */
    public void writeTargets(StepArray array, BatchView view) {
      int store = 0;
      int first = 0;
      int targets = array.firstTarget(true, 0);
      for (int s = 0; s < view.sequences(); s++) {
        if (first == perStore) {
          first = 0;
          store++;
          targets = array.firstTarget(true, store);
        }
        array.set(targets + s, first + view.length(s) - 1);
        first += capacity;
      }
    }
  }

  /** A prefix and the query tokens that see it, of each sequence. */
  private record Group(Node node, List<List<int[]>> sequences) {}

  /**
   * A planner.
   *
   * @param available whether a pass may be used; of each store that is needed, at least one may
   */
  public StepPlanner(
      Layout layout,
      PassShape shape,
      PrefixPool pool,
      SuffixShape suffixes,
      SharingModel model,
      Predicate<Pass> available) {
    this.layout = layout;
    this.shape = shape;
    this.pool = pool;
    this.suffixes = suffixes;
    this.merges = layout.suffixesMerge(suffixes.parts());
    this.model = model;
    this.available = available;
    this.items = new ItemWriter(layout, shape);
  }

  /**
   * Plans query tokens {@code from} to {@code to} of a call.
   *
   * @param counts query tokens of each sequence
   */
  public StepPlan plan(BatchView view, int[] counts, long from, long to) {
    StepPlan plan = new StepPlan();
    Map<DevicePrefix, Group> groups = new LinkedHashMap<>();
    ItemWriter.forEach(
        counts,
        from,
        to,
        (s, count, first, last, token0) ->
            addSequence(plan, groups, view, s, count, first, last, token0));
    for (Group group : groups.values()) {
      Node node = group.node();
      ItemWriter.rowLists(model, node.prefix().length(), group.sequences())
          .forEach(tokens -> addPrefix(plan, node, tokens));
    }
    if (layout.tuned() && !layout.joint()) {
      plan.longestFirst(pass -> !pass.suffix());
    }
    return plan;
  }

  private void addPrefix(StepPlan plan, Node node, List<int[]> tokens) {
    int entries = items.addRows(plan, tokens);
    int rows = tokens.size() * layout.shape().groupSize();
    for (int part = 0; part < node.segments(0).size(); part++) {
      int number = part;
      Segment first = node.segments(0).get(part);
      items.addItems(
          plan,
          pass(new Pass(false, first.store(), false), rows),
          tokens,
          entries,
          tile -> range(node, node.segments(tile).get(number)),
          first.slot(),
          false);
    }
  }

  private static Range range(Node node, Segment segment) {
    return new Range(segment.firstKey(), segment.keys(), node.position() + segment.offset());
  }

  /** Adds tokens {@code first} to {@code last} of a sequence, whose token 0 is {@code token0}. */
  private void addSequence(
      StepPlan plan,
      Map<DevicePrefix, Group> groups,
      BatchView view,
      int sequence,
      int count,
      int first,
      int last,
      int token0) {
    Node leaf = pool.node((DevicePrefix) view.prefix(sequence));
    int prefixLength = leaf == null ? 0 : leaf.end();
    int slots = leaf == null ? 0 : leaf.slots();
    int length = view.length(sequence);
    List<int[]> tokens = items.visible(prefixLength, length, count, first, last, token0);
    tokens.forEach(token -> plan.slotCounts().add(slots + suffixes.parts()));
    for (Node node = leaf; node != null; node = node.parent()) {
      Node member = node;
      groups
          .computeIfAbsent(node.prefix(), p -> new Group(member, new ArrayList<>()))
          .sequences()
          .add(tokens);
    }
    addSuffix(plan, sequence, length, prefixLength, slots, tokens);
  }

  private void addSuffix(
      StepPlan plan,
      int sequence,
      int length,
      int prefixLength,
      int firstSlot,
      List<int[]> tokens) {
    int entries = items.addRows(plan, tokens);
    Pass pass = suffixPass(sequence, tokens.size());
    plan.suffixes().add(new StepPlan.Suffix(entries, pass, plan.items(pass), prefixLength));
    long stored = (long) sequence * suffixes.capacity();
    int size = SuffixParts.size(length, suffixes.parts());
    for (int part = 0; part < suffixes.parts(); part++) {
      int offset = SuffixParts.offset(length, part, size);
      int keys = SuffixParts.keys(length, offset, size);
      Range range =
          new Range((int) (stored % suffixes.perStore()) + offset, keys, prefixLength + offset);
      items.addItems(plan, pass, tokens, entries, tile -> range, firstSlot + part, merges);
    }
  }

  /** The pass over the suffix of a sequence for so many of its tokens. */
  private Pass suffixPass(int sequence, int tokens) {
    long stored = (long) sequence * suffixes.capacity();
    Pass streamed = new Pass(true, (int) (stored / suffixes.perStore()), false);
    return pass(streamed, tokens * layout.shape().groupSize());
  }

  /**
   * A plan of one token of every sequence, written to an array, as one that can be brought up to
   * date there; null where a window hides keys of prefixes.
   */
  public @Nullable DecodeStep decodeStep(StepArray array, StepPlan plan) {
    EngineOptions options = layout.options();
    return options.window() >= 0
        ? null
        : new DecodeStep(array, plan, suffixes, options.causal(), itemsOfPart(plan));
  }

  /**
   * How the suffixes of a plan of one token of every sequence grow; null where a window hides keys.
   *
   * @param lengths that executions send
   */
  public @Nullable Growing growing(StepPlan plan, Lengths lengths) {
    return layout.options().window() >= 0
        ? null
        : Growing.of(plan, suffixes, itemsOfPart(plan), lengths);
  }

  /** Work items of a segment of a suffix for one token. */
  private int itemsOfPart(StepPlan plan) {
    int rows = layout.shape().groupSize();
    int step = shape.rows(plan.suffixes().get(0).pass());
    return (rows + step - 1) / step;
  }

  /**
   * The tuned kernels are one for prefixes and one for suffixes; of the portable ones, the rows.
   */
  private Pass pass(Pass streamed, int rows) {
    if (layout.tuned()) {
      return streamed.suffix() ? streamed : streamed.other();
    }
    Pass wanted = rows > StreamPassF32.MAX_ROWS ? streamed.other() : streamed;
    return available.test(wanted) ? wanted : wanted.other();
  }
}
