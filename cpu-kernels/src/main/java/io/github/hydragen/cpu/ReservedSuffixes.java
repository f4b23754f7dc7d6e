package io.github.hydragen.cpu;

import io.github.hydragen.spi.BatchView;
import io.github.hydragen.spi.HostMemory;

/** The capacity of every sequence, reserved when the batch is made. */
final class ReservedSuffixes implements Suffixes {
  private final KvStore store;
  private final int kvHeads;

  ReservedSuffixes(KvLayout layout, MemoryAccount account, int sequences, int capacity) {
    this.kvHeads = layout.shape.kvHeads();
    long tracks = (long) sequences * kvHeads;
    HostMemory.require(
        "a batch of " + sequences + " sequences of " + capacity + " tokens",
        KvStore.bytes(layout, tracks, capacity));
    this.store = new KvStore(layout, account, tracks, capacity);
  }

  @Override
  public void reserve(BatchView view, int[] counts) {}

  @Override
  public void truncate(int sequence, int length) {}

  @Override
  public KvStore set(KvRun run, int sequence, int head, int from, int to) {
    run.set(store, (long) sequence * kvHeads + head, from, to);
    return store;
  }

  @Override
  public void close() {
    store.close();
  }
}
