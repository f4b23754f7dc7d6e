package io.github.hydragen.tornado;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionPlan.Decision;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.graph.Pending;
import io.github.hydragen.tornado.graph.Pipeline;
import io.github.hydragen.tornado.graph.Placer;
import io.github.hydragen.tornado.graph.Placer.Placement;
import io.github.hydragen.tornado.plan.DecodeStep;
import io.github.hydragen.tornado.plan.SharingModel.Estimate;
import io.github.hydragen.tornado.plan.StepPlan;
import io.github.hydragen.tornado.plan.StepPlanner;
import io.github.hydragen.tornado.plan.StepPlanner.SuffixShape;
import io.github.hydragen.tornado.prefill.Prefill;
import io.github.hydragen.tornado.prefill.PrefillPlanner;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.PrefixPool.Node;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
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
  /** New elements from which on several threads store them. */
  private static final int PARALLEL = 1 << 16;

  private final DeviceBackend backend;
  private final EngineDevice engine;
  private final Layout layout;
  private final Placer placer;
  private final Arena arena = Arena.ofShared();
  private final Stores suffixes;
  private final SuffixShape suffixShape;
  private final int sequences;
  private final long suffixBytes;
  private final PrefillPlanner prefillPlanner;
  private final Pending pending;
  private @Nullable Resident resident;
  private DataType queryType;
  private @Nullable DecodeStep decodeStep;
  private @Nullable ResidentLayer borrower;
  private @Nullable String lost;
  private long attachments;
  private boolean rebuilt;

  /** What is on the device now. */
  private record Resident(Placement placement, Pipeline pipeline, StepPlanner planner) {}

  DeviceBatch(DeviceBackend backend, int sequences, int capacity) {
    this.backend = backend;
    this.engine = backend.engine();
    this.layout = engine.layout();
    this.sequences = sequences;
    this.queryType = layout.storage();
    this.pending = new Pending(sequences, capacity);
    String what = "a batch of %d x %d tokens".formatted(sequences, capacity);
    this.suffixBytes = layout.kvBytes((long) sequences * capacity);
    engine.requireHost(what, suffixBytes);
    this.placer = new Placer(engine, backend.sharingModel(), sequences, capacity);
    this.suffixShape = placer.suffixShape();
    engine.take(what, suffixBytes);
    try {
      this.suffixes =
          new Stores(arena, layout, (long) sequences * capacity, suffixShape.perStore());
    } catch (RuntimeException | Error e) {
      arena.close();
      engine.hardware().giveBack(suffixBytes);
      throw e;
    }
    this.prefillPlanner =
        new PrefillPlanner(layout, placer.shape(), backend.sharingModel(), suffixes, capacity);
    engine.usage().add(suffixBytes, engine.kvBytes((long) sequences * capacity));
  }

  Placer placer() {
    return placer;
  }

  /** Bytes of the suffixes on the device. */
  long suffixBytes() {
    return suffixBytes;
  }

  Stores suffixes() {
    return suffixes;
  }

  /**
   * Hands the suffixes to a step on the device, or with null takes them back; until then they
   * change only there.
   */
  void lend(@Nullable ResidentLayer layer) {
    discard();
    borrower = layer;
  }

  /** Suffixes were lost with the device. */
  void lose(String why) {
    lost = why;
  }

  private void checkNotLost() {
    if (lost != null) {
      throw new IllegalStateException(
          "the batch lost tokens that only the device had: close it, make another; " + lost);
    }
  }

  @Override
  public void append(BatchView view, int[] counts, Tensor k, Tensor v) {
    checkNotLost();
    int[] firsts = new int[sequences];
    int rows = 0;
    for (int s = 0; s < sequences; s++) {
      firsts[s] = rows;
      rows += counts[s];
      pending.suffix(s, view.length(s), counts[s]);
    }
    forget(s -> counts[s] > 0 ? view.length(s) : Integer.MAX_VALUE);
    IntStream all = IntStream.range(0, sequences);
    ((long) rows * layout.kvRow() < PARALLEL ? all : all.parallel())
        .forEach(
            s -> {
              long token = (long) s * suffixShape.capacity() + view.length(s);
              suffixes.write(token, k, v, firsts[s], counts[s]);
            });
  }

  /** Has what is kept of suffixes elsewhere forgotten, but for so many tokens of each sequence. */
  void forget(IntUnaryOperator same) {
    int capacity = Math.max(1, suffixShape.capacity());
    backend.prefill().forget(suffixes, p -> same.applyAsInt((int) (p.first() / capacity)));
  }

  @Override
  public void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse) {
    checkNotLost();
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    long from = 0;
    Prefill prefill = backend.prefill();
    if (prefill.serves(view, counts, total, placer.mostTokens())) {
      from = prefill.attend(prefillPlanner, view, counts, total, q, out, lse);
    }
    while (from < total) {
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
    Resident ready = ready(view, q.type());
    Pipeline pipeline = ready.pipeline();
    try {
      sendPending(pipeline);
      long tokens = write(ready, view, counts, from, total);
      if (tokens == 0) {
        // Other prefixes than those it was built for, all of them in its pool, are in use.
        discard();
        return from;
      }
      pipeline.queries(q, from, tokens);
      pipeline.execute();
      pipeline.results(out, lse, from, tokens);
      return from + tokens;
    } catch (RuntimeException | Error e) {
      // Nobody knows what the device has now.
      discard();
      throw e;
    }
  }

  /**
   * Hands new tokens to the next execution, and has executions of their own take what is too much
   * for it.
   */
  private void sendPending(Pipeline pipeline) {
    pipeline.append(pending);
    pipeline.newTokens(pending);
    while (!pending.isEmpty()) {
      decodeStep = null;
      pipeline.step().write(new StepPlan());
      pipeline.execute();
      pipeline.newTokens(pending);
    }
  }

  /** Writes the plan of as many tokens as fit, and returns how many; 0 if not even one does. */
  private long write(Resident ready, BatchView view, int[] counts, long from, long total) {
    Pipeline pipeline = ready.pipeline();
    boolean oneEach = total == sequences && total <= pipeline.size().tokens() && isOneEach(counts);
    DecodeStep written = decodeStep;
    if (oneEach && written != null) {
      written.update(view);
      return total;
    }
    decodeStep = null;
    long tokens = Math.min(total - from, pipeline.size().tokens());
    StepPlan plan = ready.planner().plan(view, counts, from, from + tokens);
    while (!pipeline.size().fits(plan)) {
      if (tokens == 1) {
        return 0;
      }
      tokens /= 2;
      plan = ready.planner().plan(view, counts, from, from + tokens);
    }
    pipeline.step().write(plan);
    if (oneEach && tokens == total) {
      decodeStep = ready.planner().decodeStep(pipeline.step(), plan);
    }
    return tokens;
  }

  private static boolean isOneEach(int[] counts) {
    for (int count : counts) {
      if (count != 1) {
        return false;
      }
    }
    return true;
  }

  private Resident ready(BatchView view, DataType queries) {
    if (queries != layout.storage()) {
      // From now on: queries of either type can be sent as F32.
      queryType = DataType.F32;
    }
    Resident present = resident;
    if (present != null && !present.pipeline().serves(queries)) {
      discard();
      present = null;
    }
    if (present == null || attachments != view.attachments()) {
      decodeStep = null;
      if (present == null || !joins(present, view)) {
        rebuilt |= present != null;
        discard();
        present = build(view);
        resident = present;
        pending.clear(present.placement().pool().tokens());
      }
      attachments = view.attachments();
    }
    return present;
  }

  private Resident build(BatchView view) {
    Placement placement = placer.place(view, suffixes.all().size(), true, rebuilt);
    try {
      placer.requireFree(placement.bytes() + suffixBytes);
      Pipeline pipeline =
          new Pipeline(
              engine, placer.shape(), placement.size(), placement.prefixes(), suffixes, queryType);
      return new Resident(placement, pipeline, placer.planner(placement.pool(), pipeline::has));
    } catch (RuntimeException | Error e) {
      placement.close();
      throw e;
    }
  }

  /** Whether a pipeline takes the prefixes that it does not have, and serves a decode step. */
  private boolean joins(Resident present, BatchView view) {
    PrefixPool pool = present.placement().pool();
    for (Map.Entry<DevicePrefix, Integer> entry : placer.sequencesBelow(view).entrySet()) {
      DevicePrefix prefix = entry.getKey();
      if (!pool.contains(prefix)) {
        Node node = pool.join(prefix, placer.prefixParts(prefix, entry.getValue()));
        if (node == null) {
          return false;
        }
        pool.copy(node, present.placement().prefixes());
        pending.prefixes(pool.tokens());
      }
    }
    return present.pipeline().size().fits(placer.oneEach(present.planner(), view));
  }

  /** The pipeline that is on the device, or null before the first call that attends. */
  @Nullable Pipeline pipeline() {
    return resident == null ? null : resident.pipeline();
  }

  @Override
  public BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent) {
    checkNotLost();
    if (borrower != null) {
      borrower.refresh(sequence);
    }
    DevicePrefix prefix = new DevicePrefix(engine, (DevicePrefix) parent, length);
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
    placer
        .sequencesBelow(view)
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
      decodeStep = null;
      present.pipeline().close();
      present.placement().close();
    }
  }

  @Override
  public void close() {
    discard();
    forget(s -> 0);
    arena.close();
    engine.hardware().giveBack(suffixBytes);
    engine.usage().add(-suffixBytes, -engine.kvBytes((long) sequences * suffixShape.capacity()));
  }
}
