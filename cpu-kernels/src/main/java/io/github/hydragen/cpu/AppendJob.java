package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.sharing.SharingModel;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.cpu.store.Suffixes;
import io.github.hydragen.cpu.work.TrackOrder;
import io.github.hydragen.spi.BatchView;

/**
 * Writes new tokens behind those of each sequence; serves every step that brings the same tensors.
 */
final class AppendJob extends WriteJob {
  private final Suffixes suffixes;
  private final BatchView view;
  private final int[] counts;
  private final long[] firstRow;

  /** Sequences that get tokens. */
  private final int[] active;

  private int activeCount;
  private boolean headByHead;

  AppendJob(CpuBackend backend, Suffixes suffixes, BatchView view, Tensor k, Tensor v) {
    super(backend, k, v);
    this.suffixes = suffixes;
    this.view = view;
    this.counts = new int[view.sequences()];
    this.firstRow = new long[view.sequences()];
    this.active = new int[view.sequences()];
  }

  /** Whether it takes tokens from these. */
  boolean isFrom(Tensor otherK, Tensor otherV) {
    return k == otherK && v == otherV;
  }

  /**
   * Writes {@code newTokens[s]} tokens to sequence {@code s}, in the order in which {@link
   * AttendJob} reads what stays in caches, or else in the order of sequences.
   */
  void run(int[] newTokens, SharingModel model) {
    long rows = 0;
    long visible = 0;
    activeCount = 0;
    for (int s = 0; s < counts.length; s++) {
      counts[s] = newTokens[s];
      firstRow[s] = rows;
      rows += newTokens[s];
      if (newTokens[s] > 0) {
        active[activeCount++] = s;
      }
      visible += (long) newTokens[s] * (view.length(s) + newTokens[s]);
    }
    headByHead = model.staysCached(visible);
    run(activeCount * kvHeads);
  }

  @Override
  void write(KvRun run, int item) {
    int sequence = active[TrackOrder.member(item, activeCount, kvHeads, headByHead)];
    int head = TrackOrder.head(item, activeCount, kvHeads, headByHead);
    int token = view.length(sequence);
    int end = token + counts[sequence];
    for (int at = token; at < end; at = run.to) {
      KvStore store = suffixes.set(run, sequence, head, at, end);
      write(store, run, head, firstRow[sequence] + at - token);
    }
  }
}
