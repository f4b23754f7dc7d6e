package io.github.hydragen.cpu;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.kernel.Partials;
import io.github.hydragen.cpu.sharing.CpuPrefix;
import io.github.hydragen.cpu.sharing.SharedPass;
import io.github.hydragen.cpu.sharing.StepPlan;
import io.github.hydragen.cpu.store.KvCopy;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.cpu.store.Suffixes;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The suffixes of a batch, and what its steps need. */
final class CpuBatch implements BackendBatch {
  private final CpuBackend backend;
  private final Suffixes suffixes;
  private final int kvHeads;
  private final StepPlan plan;
  private final Partials partials;
  private final AttendJob attend;
  private @Nullable AppendJob append;

  CpuBatch(CpuBackend backend, Suffixes suffixes, int sequences) {
    this.backend = backend;
    this.suffixes = suffixes;
    this.kvHeads = backend.layout.shape.kvHeads();
    this.plan =
        new StepPlan(
            backend.layout.shape,
            backend.sharingModel,
            backend.workers.length,
            backend.workers[0].matrix.maxRows(),
            sequences);
    AttentionShape shape = backend.layout.shape;
    this.partials = new Partials(backend.account, shape.headDim(), shape.queryHeads());
    this.attend = new AttendJob(backend, suffixes, plan, partials);
  }

  /**
   * Checks that a step's items have numbers: one for each sequence and key/value head at least.
   * Asked before the suffixes are allocated, which a constructor that refuses would leave behind.
   */
  static void checkTracks(int sequences, int kvHeads) {
    if ((long) sequences * kvHeads > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d sequences x %d key/value heads are more than 2^31 - 1: make several batches"
              .formatted(sequences, kvHeads));
    }
  }

  @Override
  public void append(BatchView view, int[] counts, Tensor k, Tensor v) {
    suffixes.reserve(view, counts);
    boolean written = false;
    try {
      appendJob(view, k, v).run(counts, backend.sharingModel);
      written = true;
    } finally {
      if (!written) {
        undo(view);
      }
    }
  }

  /** Kept, because a model brings its new keys and values in the same tensors at every step. */
  private AppendJob appendJob(BatchView view, Tensor k, Tensor v) {
    AppendJob job = append;
    if (job == null || !job.isFrom(k, v)) {
      job = new AppendJob(backend, suffixes, view, k, v);
      append = job;
    }
    return job;
  }

  /** An executor that refuses its work must leave no pages behind. */
  private void undo(BatchView view) {
    for (int s = 0; s < view.sequences(); s++) {
      suffixes.truncate(s, view.length(s));
    }
  }

  @Override
  public void truncated(int sequence, int length) {
    suffixes.truncate(sequence, length);
  }

  @Override
  public void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse) {
    plan.prepare(view, counts);
    attend.run(view, q, out, lse);
  }

  @Override
  public BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent) {
    KvStore store = backend.prefixStore(length);
    KvRun run = new KvRun();
    for (int h = 0; h < kvHeads; h++) {
      for (int at = 0; at < length; at = run.to) {
        suffixes.set(run, sequence, h, at, length);
        KvCopy.copy(backend.layout, run, store, h);
      }
    }
    return new CpuPrefix((CpuPrefix) parent, store, length);
  }

  @Override
  public AttentionPlan plan(BatchView view, int[] counts) {
    plan.prepare(view, counts);
    List<AttentionPlan.Decision> decisions = new ArrayList<>();
    for (SharedPass pass : plan.passes) {
      for (CpuPrefix prefix : pass.prefixes) {
        double part = (double) prefix.tokens / pass.length;
        decisions.add(
            new AttentionPlan.Decision(
                prefix.depth,
                prefix.tokens,
                pass.sequences,
                pass.shared,
                part * pass.sharedMicros,
                part * pass.separateMicros));
      }
    }
    decisions.sort(Comparator.comparingInt(AttentionPlan.Decision::depth));
    return new AttentionPlan(decisions);
  }

  @Override
  public void close() {
    partials.clear();
    suffixes.close();
  }
}
