package io.github.hydragen.cpu;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** The suffixes of a batch: a track for each sequence and key/value head. */
final class CpuBatch implements BackendBatch {
  private final CpuBackend backend;
  private final KvStore suffixes;
  private final int kvHeads;
  private final StepPlan plan;
  private final Partials partials;
  private final AttendJob attend;

  CpuBatch(CpuBackend backend, KvStore suffixes, int sequences) {
    this.backend = backend;
    this.suffixes = suffixes;
    this.kvHeads = backend.layout.shape.kvHeads();
    this.plan =
        new StepPlan(
            backend.layout.shape,
            new SharingModel(backend.options, backend.layout, backend.workers.length),
            backend.workers.length,
            backend.workers[0].matrix.maxRows(),
            sequences);
    this.partials = new Partials(backend.account, backend.layout.shape.headDim());
    this.attend = new AttendJob(backend, suffixes, plan, partials);
  }

  @Override
  public void append(BatchView view, int[] counts, Tensor k, Tensor v) {
    new WriteJob(backend, suffixes, k, v).append(view, counts);
  }

  @Override
  public void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse) {
    plan.prepare(view, counts);
    attend.run(view, q, out, lse);
  }

  @Override
  public BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent) {
    KvStore store = backend.prefixStore(length);
    int blocks = KvLayout.blocks(length);
    for (int h = 0; h < kvHeads; h++) {
      long track = (long) sequence * kvHeads + h;
      copy(suffixes.keys(track), store, store.keys(h), blocks * backend.layout.keyBlockBytes);
      copy(suffixes.values(track), store, store.values(h), blocks * backend.layout.valueBlockBytes);
    }
    store.special = suffixes.special;
    return new CpuPrefix((CpuPrefix) parent, store, length);
  }

  private void copy(long from, KvStore to, long at, long bytes) {
    to.memory.asSlice(at, bytes).copyFrom(suffixes.memory.asSlice(from, bytes));
  }

  @Override
  public AttentionPlan plan(BatchView view, int[] counts) {
    plan.prepare(view, counts);
    return new AttentionPlan(
        plan.passes.stream()
            .sorted(Comparator.comparingInt(pass -> pass.prefix.depth))
            .map(
                pass ->
                    new AttentionPlan.Decision(
                        pass.prefix.depth,
                        pass.prefix.tokens,
                        pass.sequences,
                        pass.shared,
                        pass.sharedMicros,
                        pass.separateMicros))
            .toList());
  }

  @Override
  public void close() {
    partials.clear();
    suffixes.close();
  }
}
