package io.github.hydragen.tornado.graph;

import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.plan.Pass;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.plan.SegmentModel;
import io.github.hydragen.tornado.plan.SharingModel;
import io.github.hydragen.tornado.plan.StepPlan;
import io.github.hydragen.tornado.plan.StepPlanner;
import io.github.hydragen.tornado.plan.StepPlanner.SuffixShape;
import io.github.hydragen.tornado.plan.StepSize;
import io.github.hydragen.tornado.store.Cut;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Decides where the prefixes of a batch lie on the device and how large its task graph is. */
public final class Placer {
  /** Tokens of an execution, at least: a long call is made in as few executions. */
  private static final int FEWEST_TOKENS = 16;

  /**
   * Bytes of suffixes that a multiprocessor reads while a work-group beside them attends to a key
   * of a prefix, and a quarter more: no segment should take longer than the suffixes do.
   */
  private static final long SUFFIX_BYTES_PER_KEY = 2300;

  /** What a work-group's start and end take, in keys. */
  private static final long KEYS_OF_START = 350;

  /** Instructions of a warp for a key of a prefix and of a suffix, and what else a suffix takes. */
  private static final double PREFIX_KEY = 29;

  private static final double SUFFIX_KEY = 23;

  private static final double SUFFIX_START = 1500;

  private final EngineDevice engine;
  private final SharingModel sharingModel;
  private final Layout layout;
  private final PassShape shape;
  private final SuffixShape suffixShape;
  private final int sequences;

  /**
   * What a batch needs on the device beside its suffixes; its bytes are taken from the device.
   *
   * @param prefixes the pool's, and room for more
   * @param arena the memory of {@code prefixes}
   */
  public record Placement(
      PrefixPool pool, Stores prefixes, Arena arena, StepSize size, EngineDevice engine, long bytes)
      implements AutoCloseable {
    @Override
    public void close() {
      arena.close();
      engine.hardware().giveBack(bytes);
      engine.usage().add(-bytes, 0);
    }
  }

  /** For a batch of {@code sequences} sequences of {@code capacity} tokens. */
  public Placer(EngineDevice engine, SharingModel sharingModel, int sequences, int capacity) {
    this.engine = engine;
    this.sharingModel = sharingModel;
    this.layout = engine.layout();
    this.shape = PassShape.of(layout);
    this.sequences = sequences;
    int perStore = sequencesPerStore(capacity) * Math.max(1, capacity);
    long groups = (long) sequences * layout.shape().kvHeads();
    this.suffixShape =
        new SuffixShape(capacity, perStore, parts(groups, capacity, shape.streamsPerUnit()));
  }

  private int sequencesPerStore(int capacity) {
    int most = engine.tokensPerStore() / Math.max(1, capacity);
    if (most == 0) {
      throw new IllegalArgumentException(
          "capacity %d is too large for one device array: choose %d or less"
              .formatted(capacity, engine.tokensPerStore()));
    }
    return Math.min(most, sequences);
  }

  /** Work-groups of the batch's passes. */
  public PassShape shape() {
    return shape;
  }

  /** How the suffixes lie. */
  public SuffixShape suffixShape() {
    return suffixShape;
  }

  /** Into how many segments to cut keys, so that {@code groups} work-groups become enough. */
  private int parts(long groups, int keys, int perUnit) {
    long wanted = (long) perUnit * engine.hardware().computeUnits();
    long most = Math.max(1, keys / PrefixPool.SHORTEST);
    return (int) Math.min(most, Math.max(1, wanted / Math.max(1, groups)));
  }

  /** How to cut prefixes where a kernel has nothing else to attend to. */
  private List<Cut> cuts(Map<DevicePrefix, Integer> below) {
    List<SegmentModel.Work> prefixes = new ArrayList<>();
    below.forEach((prefix, n) -> prefixes.add(new SegmentModel.Work(tiles(n), prefix.length())));
    int places = shape.tilesPerUnit() * engine.hardware().computeUnits();
    return new SegmentModel(prefixes, layout.shape().kvHeads(), places)
        .cuts(PrefixPool.SHORTEST, PrefixPool.TILE);
  }

  /** Work-groups of a segment of a prefix that so many sequences see. */
  private long groups(int sequences) {
    return tiles(sequences) * layout.shape().kvHeads();
  }

  private long tiles(int sequences) {
    return Math.ceilDiv((long) sequences * layout.shape().groupSize(), shape.tileRows());
  }

  /** Into how many segments to cut a prefix that {@code below} sequences see. */
  public int prefixParts(DevicePrefix prefix, int below) {
    return parts(groups(below), prefix.length(), shape.tilesPerUnit());
  }

  /**
   * The same where the kernel attends to suffixes too.
   *
   * @param groups work-groups of a segment of each of the prefixes
   */
  private int partsBesideSuffixes(DevicePrefix prefix, int below, long groups) {
    int most = prefixParts(prefix, below);
    long keys = keysBesideSuffixes();
    if (keys <= 0) {
      return most;
    }
    // While suffixes are short, prefixes take longest: each unit should have a part of one.
    long units = Math.max(1, engine.hardware().computeUnits() / groups);
    return (int) Math.min(most, Math.max(units, Math.ceilDiv(prefix.length(), keys)));
  }

  /**
   * Keys of a prefix that a work-group attends to while others read suffixes that are half full.
   */
  private long keysBesideSuffixes() {
    long tokens = (long) sequences * suffixShape.capacity() / 2;
    long bytes = layout.kvBytes(tokens) / engine.hardware().computeUnits();
    return bytes / SUFFIX_BYTES_PER_KEY - KEYS_OF_START;
  }

  /** The prefixes that sequences see, each behind its ancestors, and how many see it. */
  public Map<DevicePrefix, Integer> sequencesBelow(BatchView view) {
    Map<DevicePrefix, Integer> below = new LinkedHashMap<>();
    for (int s = 0; s < sequences; s++) {
      DevicePrefix.path(view.prefix(s)).forEach(prefix -> below.merge(prefix, 1, Integer::sum));
    }
    return below;
  }

  /**
   * A planner for the prefixes of a pool.
   *
   * @param available whether a pass may be used
   */
  public StepPlanner planner(PrefixPool pool, Predicate<Pass> available) {
    return new StepPlanner(layout, shape, pool, suffixShape, sharingModel, available);
  }

  /** A plan of one token of each sequence. */
  public StepPlan oneEach(StepPlanner planner, BatchView view) {
    int[] counts = new int[sequences];
    Arrays.fill(counts, 1);
    return planner.plan(view, counts, 0, sequences);
  }

  /**
   * Places the prefixes that sequences see now.
   *
   * @param stores of suffixes
   * @param joins whether prefixes will join that are written into room behind the others
   * @param rebuilt whether that was not enough before: then there is more room
   */
  public Placement place(BatchView view, int stores, boolean joins, boolean rebuilt) {
    PrefixPool pool = pool(sequencesBelow(view));
    StepSize size = size(view, pool, rebuilt);
    long suffixTokens = (long) sequences * suffixShape.capacity();
    long appended = joins ? AppendGraph.bytes(layout, suffixTokens, stores) : 0;
    if (layout.tuned() || !joins) {
      return place(pool, size, stores, 0, appended);
    }
    long room = rebuilt ? Math.max(pool.longest(), pool.tokens() / 2) : pool.longest();
    try {
      return place(pool, size, stores, room, appended);
    } catch (InsufficientMemoryException e) {
      return place(pool, size, stores, 0, appended);
    }
  }

  /** Checks that the device has room for all arrays of a batch, before any is sent. */
  public void requireFree(long bytes) {
    engine.requireFree("a batch of %d sequences".formatted(sequences), bytes);
  }

  /** A pool of the prefixes that sequences see, cut into segments. */
  private PrefixPool pool(Map<DevicePrefix, Integer> below) {
    PrefixPool pool = new PrefixPool(engine.tokensPerStore(), layout.tuned() ? PrefixPool.TILE : 1);
    if (layout.joint()) {
      long all = below.values().stream().mapToLong(this::groups).sum();
      below.forEach(
          (prefix, sequences) -> pool.add(prefix, partsBesideSuffixes(prefix, sequences, all)));
    } else if (layout.tuned()) {
      Iterator<Cut> cuts = cuts(below).iterator();
      below.keySet().forEach(prefix -> pool.add(prefix, cuts.next()));
    } else {
      below.forEach((prefix, sequences) -> pool.add(prefix, prefixParts(prefix, sequences)));
    }
    return pool;
  }

  private Placement place(PrefixPool pool, StepSize size, int stores, long room, long appended) {
    long tokens = pool.tokens() + room;
    long allStores = stores + Stores.count(tokens, engine.tokensPerStore());
    long bytes = size.bytes(layout, allStores) + layout.kvBytes(tokens) + appended;
    String what = "a batch of %d sequences with %d prefix tokens".formatted(sequences, tokens);
    engine.requireHost(what, bytes);
    engine.take(what, bytes);
    Arena arena = Arena.ofShared();
    try {
      pool.freeze(room);
      Stores prefixes = pool.store(arena, layout);
      engine.usage().add(bytes, 0);
      return new Placement(pool, prefixes, arena, size, engine, bytes);
    } catch (RuntimeException | Error e) {
      arena.close();
      engine.hardware().giveBack(bytes);
      throw e;
    }
  }

  private StepSize size(BatchView view, PrefixPool pool, boolean rebuilt) {
    StepPlan step = oneEach(planner(pool, pass -> true), view);
    Map<Pass, Integer> items = new TreeMap<>();
    step.work().keySet().forEach(pass -> items.put(pass, step.items(pass)));
    makeRoomForOneToken(planner(pool, items::containsKey), view, items);
    // A prefix that joins takes a path's slots at most, and an item for each of them.
    items.replaceAll((pass, n) -> pass.suffix() ? n : (rebuilt ? 2 * n : n) + pool.slots());
    items.replaceAll((pass, n) -> shape.wholeGroups(pass, n, layout.shape().kvHeads()));
    boolean merged = layout.suffixesMerge(suffixShape.parts());
    int slots = Math.max(1, pool.slots() + (merged ? 0 : suffixShape.parts()));
    int tokens = tokens(slots);
    return new StepSize(
        tokens, slots, merged, Math.max(step.entries(), tokens), items, prefixLasts(step));
  }

  /** How much longer a prefix's work-group lasts than one of suffixes that are half full. */
  private double prefixLasts(StepPlan step) {
    double keys = step.meanKeys(pass -> !pass.suffix());
    double halfFull = suffixShape.capacity() / 2.0 / suffixShape.parts();
    return PREFIX_KEY * (KEYS_OF_START + keys) / (SUFFIX_START + SUFFIX_KEY * halfFull);
  }

  /**
   * Raises the numbers of items to what any single token needs: it may use another pass for a
   * prefix than a whole step does, and a call is cut into smaller ones until they fit.
   */
  private void makeRoomForOneToken(StepPlanner planner, BatchView view, Map<Pass, Integer> items) {
    int[] counts = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      counts[s] = 1;
      StepPlan single = planner.plan(view, counts, 0, 1);
      single.work().keySet().forEach(pass -> items.merge(pass, single.items(pass), Math::max));
      counts[s] = 0;
    }
  }

  /** Tokens of an execution: one of each sequence, if their partial states fit in an array. */
  private int tokens(int slots) {
    long most = engine.mostElements() / layout.stateElements(1, slots);
    int step = layout.tokenStep();
    return (int) Math.max(step, Math.min(mostTokens(), most / step * step));
  }

  /** The most tokens of an execution: one of each sequence, or a few. */
  public int mostTokens() {
    return layout.wholeTokens(Math.max(sequences, FEWEST_TOKENS));
  }
}
