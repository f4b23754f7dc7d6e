package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStore;

/** Writes a prefix's tokens, one track a head. */
final class FillJob extends WriteJob {
  private static final int TOKENS_PER_ITEM = 4 * KvLayout.STRIP;

  private final KvStore store;
  private final int tokens;
  private final int parts;

  FillJob(CpuBackend backend, KvStore store, int tokens, Tensor k, Tensor v) {
    super(backend, k, v);
    this.store = store;
    this.tokens = tokens;
    this.parts = (int) ((tokens + TOKENS_PER_ITEM - 1L) / TOKENS_PER_ITEM);
  }

  void run() {
    run(parts * kvHeads);
  }

  @Override
  void write(KvRun run, int item) {
    int from = item % parts * TOKENS_PER_ITEM;
    int head = item / parts;
    run.set(store, head, from, (int) Math.min(from + (long) TOKENS_PER_ITEM, tokens));
    write(store, run, head, from);
  }
}
