package io.github.hydragen.tornado;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionPlan.Decision;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.StepPlanner.SuffixShape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Suffixes on the device and their mirror on the host.
 *
 * <p>New tokens are written to the mirror, and sent to the device by the execution that next
 * attends. The mirror is what promotes a suffix and what a new pipeline starts from; a pipeline is
 * built by the first call that attends, and again when a sequence joins a prefix that the present
 * one does not have.
 */
final class DeviceBatch implements BackendBatch {
  /** Work-groups that a device should have for each of its compute units. */
  private static final int GROUPS_PER_UNIT = 4;

  /** Tokens of an execution, at least: a long call is made in as few executions. */
  private static final int FEWEST_TOKENS = 16;

  private final DeviceBackend backend;
  private final Layout layout;
  private final Arena arena = Arena.ofShared();
  private final Stores suffixes;
  private final SuffixShape suffixShape;
  private final int sequences;
  private final long suffixBytes;
  private final int[] pendingFrom;
  private final int[] pendingTo;
  private @Nullable Resident resident;
  private long attachments;

  /** What is on the device now. */
  private record Resident(
      PrefixPool pool, Arena poolArena, Pipeline pipeline, StepPlanner planner, long bytes) {}

  DeviceBatch(DeviceBackend backend, int sequences, int capacity) {
    this.backend = backend;
    this.layout = backend.layout();
    this.sequences = sequences;
    this.pendingFrom = new int[sequences];
    this.pendingTo = new int[sequences];
    String what = "a batch of %d x %d tokens".formatted(sequences, capacity);
    this.suffixBytes = layout.kvBytes((long) sequences * capacity);
    backend.requireHost(what, suffixBytes);
    int perStore = sequencesPerStore(capacity) * Math.max(1, capacity);
    long groups = (long) sequences * layout.shape().kvHeads();
    this.suffixShape = new SuffixShape(capacity, perStore, parts(groups, capacity));
    backend.hardware().take(what, suffixBytes);
    this.suffixes = new Stores(arena, layout, (long) sequences * capacity, perStore);
    backend.usage().add(suffixBytes, backend.kvBytes((long) sequences * capacity));
  }

  private int sequencesPerStore(int capacity) {
    int most = backend.tokensPerStore() / Math.max(1, capacity);
    if (most == 0) {
      throw new IllegalArgumentException(
          "capacity %d is too large for one device array: choose %d or less"
              .formatted(capacity, backend.tokensPerStore()));
    }
    return Math.min(most, sequences);
  }

  /** Into how many segments to cut keys, so that {@code groups} work-groups become enough. */
  private int parts(long groups, int keys) {
    long wanted = (long) GROUPS_PER_UNIT * backend.hardware().computeUnits();
    long most = Math.max(1, keys / PrefixPool.SHORTEST);
    return (int) Math.min(most, Math.max(1, wanted / Math.max(1, groups)));
  }

  @Override
  public void append(BatchView view, int[] counts, Tensor k, Tensor v) {
    long row = 0;
    for (int s = 0; s < sequences; s++) {
      int length = view.length(s);
      suffixes.write((long) s * suffixShape.capacity() + length, k, v, row, counts[s]);
      row += counts[s];
      if (counts[s] > 0) {
        boolean none = pendingFrom[s] == pendingTo[s];
        pendingFrom[s] = none ? length : Math.min(pendingFrom[s], length);
        pendingTo[s] = length + counts[s];
      }
    }
  }

  @Override
  public void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse) {
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    for (long from = 0; from < total; ) {
      from = attendSome(view, counts, from, total, q, out, lse);
    }
  }

  /** Attends with as many of the tokens from {@code from} on as fit, and returns the next. */
  private long attendSome(
      BatchView view,
      int[] counts,
      long from,
      long total,
      Tensor q,
      Tensor out,
      @Nullable Tensor lse) {
    Resident ready = ready(view);
    Pipeline pipeline = ready.pipeline();
    long tokens = Math.min(total - from, pipeline.size().tokens());
    StepPlan plan = ready.planner().plan(view, counts, from, from + tokens);
    while (!pipeline.size().fits(plan) && tokens > 1) {
      tokens /= 2;
      plan = ready.planner().plan(view, counts, from, from + tokens);
    }
    if (!pipeline.size().fits(plan)) {
      // Other prefixes than those it was built for, all of them in its pool, are in use.
      discard();
      return from;
    }
    Ints batch = pending(pipeline.size().tokens());
    while (!nonePending()) {
      pipeline.newTokens(batch, suffixes);
      pipeline.execute(new StepPlan());
      batch = pending(pipeline.size().tokens());
    }
    pipeline.newTokens(batch, suffixes);
    pipeline.queries(q, from, tokens);
    pipeline.execute(plan);
    pipeline.results(out, lse, from, tokens);
    return from + tokens;
  }

  /** Takes up to {@code most} tokens that the device does not have yet. */
  private Ints pending(int most) {
    Ints tokens = new Ints();
    for (int s = 0; s < sequences && tokens.size() < most; s++) {
      while (pendingFrom[s] < pendingTo[s] && tokens.size() < most) {
        tokens.add(s * suffixShape.capacity() + pendingFrom[s]++);
      }
    }
    return tokens;
  }

  private boolean nonePending() {
    for (int s = 0; s < sequences; s++) {
      if (pendingFrom[s] < pendingTo[s]) {
        return false;
      }
    }
    return true;
  }

  private Resident ready(BatchView view) {
    Resident present = resident;
    if (present != null && attachments == view.attachments()) {
      return present;
    }
    Set<DevicePrefix> needed = prefixes(view);
    attachments = view.attachments();
    if (present != null && present.pool().contains(needed)) {
      return present;
    }
    discard();
    present = build(view, needed);
    resident = present;
    Arrays.fill(pendingFrom, 0);
    Arrays.fill(pendingTo, 0);
    return present;
  }

  /** The prefixes that sequences see, each behind its ancestors. */
  private Set<DevicePrefix> prefixes(BatchView view) {
    Set<DevicePrefix> prefixes = new LinkedHashSet<>();
    for (int s = 0; s < sequences; s++) {
      prefixes.addAll(DevicePrefix.path(view.prefix(s)));
    }
    return prefixes;
  }

  private Map<DevicePrefix, Integer> sequencesBelow(BatchView view) {
    Map<DevicePrefix, Integer> below = new LinkedHashMap<>();
    for (int s = 0; s < sequences; s++) {
      DevicePrefix.path(view.prefix(s)).forEach(prefix -> below.merge(prefix, 1, Integer::sum));
    }
    return below;
  }

  private Resident build(BatchView view, Set<DevicePrefix> needed) {
    PrefixPool pool = pool(view, needed);
    int[] oneEach = new int[sequences];
    Arrays.fill(oneEach, 1);
    StepPlan step =
        new StepPlanner(layout, pool, suffixShape, pass -> true).plan(view, oneEach, 0, sequences);
    Map<Pass, Integer> items = new TreeMap<>();
    step.work().keySet().forEach(pass -> items.put(pass, step.items(pass)));
    makeRoomForOneToken(
        new StepPlanner(layout, pool, suffixShape, items::containsKey), view, items);
    int slots = pool.slots() + suffixShape.parts();
    int tokens = tokens(slots);
    int entries = Math.max(step.entries(), tokens);
    Pipeline.Size size = new Pipeline.Size(tokens, slots, entries, items);

    long stepBytes = size.bytes(layout, suffixes.all().size());
    long bytes = stepBytes + layout.kvBytes(pool.tokens());
    String what =
        "a batch of %d sequences with %d prefix tokens".formatted(sequences, pool.tokens());
    backend.requireHost(what, bytes);
    backend.hardware().take(what, bytes);
    Arena poolArena = Arena.ofShared();
    try {
      Stores prefixes = pool.store(poolArena, layout);
      Pipeline pipeline = new Pipeline(layout, backend.hardware(), size, prefixes, suffixes);
      backend.usage().add(bytes, 0);
      StepPlanner planner = new StepPlanner(layout, pool, suffixShape, pipeline::has);
      return new Resident(pool, poolArena, pipeline, planner, bytes);
    } catch (RuntimeException | Error e) {
      poolArena.close();
      backend.hardware().giveBack(bytes);
      throw e;
    }
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

  private PrefixPool pool(BatchView view, Set<DevicePrefix> needed) {
    Map<DevicePrefix, Integer> below = sequencesBelow(view);
    PrefixPool pool = new PrefixPool(backend.tokensPerStore());
    for (DevicePrefix prefix : needed) {
      long rows = (long) below.getOrDefault(prefix, 1) * layout.shape().groupSize();
      long tiles = (rows + StepPlanner.edge(layout) - 1) / StepPlanner.edge(layout);
      pool.add(prefix, parts(tiles * layout.shape().kvHeads(), prefix.length()));
    }
    return pool;
  }

  /** Tokens of an execution: one of each sequence, if their partial states fit in an array. */
  private int tokens(int slots) {
    long most = backend.mostElements() / ((long) slots * layout.queryRow());
    int wanted = (Math.max(sequences, FEWEST_TOKENS) + 3) / 4 * 4;
    return (int) Math.max(4, Math.min(wanted, most / 4 * 4));
  }

  @Override
  public BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent) {
    DevicePrefix prefix = new DevicePrefix(backend, (DevicePrefix) parent, length);
    prefix.tokens().copy(0, suffixes, (long) sequence * suffixShape.capacity(), length);
    return prefix;
  }

  @Override
  public AttentionPlan plan(BatchView view, int[] counts) {
    List<Decision> decisions = new ArrayList<>();
    sequencesBelow(view)
        .forEach(
            (prefix, sequencesBelow) ->
                decisions.add(
                    new Decision(
                        DevicePrefix.path(prefix).size() - 1,
                        prefix.length(),
                        sequencesBelow,
                        layout.options().sharing() != Sharing.NEVER,
                        Double.NaN,
                        Double.NaN)));
    return new AttentionPlan(decisions);
  }

  private void discard() {
    Resident present = resident;
    if (present != null) {
      resident = null;
      present.pipeline().close();
      present.poolArena().close();
      backend.hardware().giveBack(present.bytes());
      backend.usage().add(-present.bytes(), 0);
    }
  }

  @Override
  public void close() {
    discard();
    arena.close();
    backend.hardware().giveBack(suffixBytes);
    backend.usage().add(-suffixBytes, -backend.kvBytes((long) sequences * suffixShape.capacity()));
  }
}
