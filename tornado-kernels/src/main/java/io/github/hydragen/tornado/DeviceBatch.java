package io.github.hydragen.tornado;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionPlan.Decision;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.PrefixPool.Node;
import io.github.hydragen.tornado.SharingModel.Estimate;
import io.github.hydragen.tornado.StepPlanner.SuffixShape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Suffixes on the device and their mirror on the host.
 *
 * <p>New tokens are written to the mirror, and sent to the device by the execution that next
 * attends. The mirror is what promotes a suffix and what a new pipeline starts from. A pipeline is
 * built by the first call that attends, with room for one more prefix. Prefixes that sequences join
 * later go into such room; only when it is used up the pipeline is built again, with more of it.
 */
final class DeviceBatch implements BackendBatch {
  /** Tokens of an execution, at least: a long call is made in as few executions. */
  private static final int FEWEST_TOKENS = 16;

  private final DeviceBackend backend;
  private final Layout layout;
  private final PassShape shape;
  private final Arena arena = Arena.ofShared();
  private final Stores suffixes;
  private final SuffixShape suffixShape;
  private final int sequences;
  private final long suffixBytes;
  private final Pending pending;
  private @Nullable Resident resident;
  private long attachments;
  private boolean rebuilt;

  /** What is on the device now. */
  private record Resident(
      PrefixPool pool,
      Stores prefixes,
      Arena poolArena,
      Pipeline pipeline,
      StepPlanner planner,
      long bytes) {}

  DeviceBatch(DeviceBackend backend, int sequences, int capacity) {
    this.backend = backend;
    this.layout = backend.layout();
    this.shape = PassShape.of(layout, sequences);
    this.sequences = sequences;
    this.pending = new Pending(sequences, capacity);
    String what = "a batch of %d x %d tokens".formatted(sequences, capacity);
    this.suffixBytes = layout.kvBytes((long) sequences * capacity);
    backend.requireHost(what, suffixBytes);
    int perStore = sequencesPerStore(capacity) * Math.max(1, capacity);
    long groups = (long) sequences * layout.shape().kvHeads();
    this.suffixShape =
        new SuffixShape(capacity, perStore, parts(groups, capacity, shape.streamsPerUnit()));
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
  private int parts(long groups, int keys, int perUnit) {
    long wanted = (long) perUnit * backend.hardware().computeUnits();
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
      pending.suffix(s, length, counts[s]);
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
    try {
      pipeline.newTokens(pending);
      while (!pending.isEmpty()) {
        pipeline.execute(new StepPlan());
        pipeline.newTokens(pending);
      }
      pipeline.queries(q, from, tokens);
      pipeline.execute(plan);
    } catch (RuntimeException | Error e) {
      // Nobody knows what the device has now.
      discard();
      throw e;
    }
    backend.usage().addKernelNanos(pipeline.takeKernelNanos());
    pipeline.results(out, lse, from, tokens);
    return from + tokens;
  }

  private Resident ready(BatchView view) {
    Resident present = resident;
    if (present == null || attachments != view.attachments()) {
      Map<DevicePrefix, Integer> seen = sequencesBelow(view);
      if (present == null || !joins(present, view, seen)) {
        rebuilt = present != null;
        discard();
        present = build(view, seen);
        resident = present;
        pending.clear(present.pool().tokens());
      }
      attachments = view.attachments();
    }
    return present;
  }

  /** Whether a pipeline takes the prefixes that it does not have, and serves a decode step. */
  private boolean joins(Resident present, BatchView view, Map<DevicePrefix, Integer> seen) {
    PrefixPool pool = present.pool();
    for (Map.Entry<DevicePrefix, Integer> entry : seen.entrySet()) {
      DevicePrefix prefix = entry.getKey();
      if (!pool.contains(prefix)) {
        Node node = pool.join(prefix, prefixParts(prefix, entry.getValue()));
        if (node == null) {
          return false;
        }
        pool.copy(node, present.prefixes());
        pending.prefixes(pool.tokens());
      }
    }
    return present.pipeline().size().fits(decodeStep(present.planner(), view));
  }

  /** The prefixes that sequences see, each behind its ancestors, and how many see it. */
  private Map<DevicePrefix, Integer> sequencesBelow(BatchView view) {
    Map<DevicePrefix, Integer> below = new LinkedHashMap<>();
    for (int s = 0; s < sequences; s++) {
      DevicePrefix.path(view.prefix(s)).forEach(prefix -> below.merge(prefix, 1, Integer::sum));
    }
    return below;
  }

  /** The pipeline that is on the device, or null before the first call that attends. */
  @Nullable Pipeline pipeline() {
    return resident == null ? null : resident.pipeline();
  }

  private StepPlanner planner(PrefixPool pool, Predicate<Pass> available) {
    return new StepPlanner(layout, shape, pool, suffixShape, backend.sharingModel(), available);
  }

  /** One token of each sequence. */
  private StepPlan decodeStep(StepPlanner planner, BatchView view) {
    int[] oneEach = new int[sequences];
    Arrays.fill(oneEach, 1);
    return planner.plan(view, oneEach, 0, sequences);
  }

  private Resident build(BatchView view, Map<DevicePrefix, Integer> seen) {
    PrefixPool pool =
        new PrefixPool(backend.tokensPerStore(), layout.tuned() ? PrefixPool.TILE : 1);
    seen.forEach((prefix, below) -> pool.add(prefix, prefixParts(prefix, below)));
    StepPlan step = decodeStep(planner(pool, pass -> true), view);
    Map<Pass, Integer> items = new TreeMap<>();
    step.work().keySet().forEach(pass -> items.put(pass, step.items(pass)));
    makeRoomForOneToken(planner(pool, items::containsKey), view, items);
    // A prefix that joins takes a path's slots at most, and an item for each of them.
    items.replaceAll((pass, n) -> pass.suffix() ? n : (rebuilt ? 2 * n : n) + pool.slots());
    int slots = pool.slots() + suffixShape.parts();
    int tokens = tokens(slots);
    int entries = Math.max(step.entries(), tokens);
    Pipeline.Size size = new Pipeline.Size(tokens, slots, entries, items);
    if (layout.tuned()) {
      return build(pool, size, 0);
    }
    long room = rebuilt ? Math.max(pool.longest(), pool.tokens() / 2) : pool.longest();
    try {
      return build(pool, size, room);
    } catch (InsufficientMemoryException e) {
      return build(pool, size, 0);
    }
  }

  private Resident build(PrefixPool pool, Pipeline.Size size, long room) {
    long tokens = pool.tokens() + room;
    long stores = suffixes.all().size() + Stores.count(tokens, backend.tokensPerStore());
    long bytes = size.bytes(layout, stores) + layout.kvBytes(tokens);
    String what = "a batch of %d sequences with %d prefix tokens".formatted(sequences, tokens);
    backend.requireHost(what, bytes);
    backend.hardware().take(what, bytes);
    Arena poolArena = Arena.ofShared();
    try {
      pool.freeze(room);
      Stores prefixes = pool.store(poolArena, layout);
      Pipeline pipeline = new Pipeline(layout, shape, backend.hardware(), size, prefixes, suffixes);
      backend.usage().add(bytes, 0);
      StepPlanner planner = planner(pool, pipeline::has);
      return new Resident(pool, prefixes, poolArena, pipeline, planner, bytes);
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

  /** Into how many segments to cut a prefix that {@code below} sequences see. */
  private int prefixParts(DevicePrefix prefix, int below) {
    long rows = (long) below * layout.shape().groupSize();
    long tiles = (rows + shape.tileRows() - 1) / shape.tileRows();
    return parts(tiles * layout.shape().kvHeads(), prefix.length(), shape.tilesPerUnit());
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
    Map<DevicePrefix, Integer> queries = new HashMap<>();
    for (int s = 0; s < sequences; s++) {
      for (DevicePrefix prefix : DevicePrefix.path(view.prefix(s))) {
        queries.merge(prefix, counts[s], Integer::sum);
      }
    }
    List<Decision> decisions = new ArrayList<>();
    sequencesBelow(view)
        .forEach(
            (prefix, below) -> {
              int tokens = prefix.length();
              Estimate estimate =
                  backend.sharingModel().estimate(tokens, below, queries.getOrDefault(prefix, 0));
              decisions.add(
                  new Decision(
                      DevicePrefix.path(prefix).size() - 1,
                      tokens,
                      below,
                      estimate.shared(),
                      estimate.sharedMicros(),
                      estimate.separateMicros()));
            });
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
