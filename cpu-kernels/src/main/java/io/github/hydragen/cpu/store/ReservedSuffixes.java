package io.github.hydragen.cpu.store;

import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.spi.HostMemory;

/**
 * The capacity of every sequence, reserved when the batch is made.
 *
 * <p>A sequence is cut into blocks of {@value #BLOCK} tokens, the last one shorter, and a block has
 * a track for each key/value head. So keys and values of a full block lie together, whatever is
 * still empty behind it: processors read at full speed only where they read on and on (ADR 5).
 */
public final class ReservedSuffixes implements Suffixes {
  /** Tokens of a block, whole strips. */
  private static final int BLOCK = 4 * KvLayout.STRIP;

  private final KvLayout layout;
  private final KvStore store;
  private final int kvHeads;

  /**
   * Reserves everything.
   *
   * @throws io.github.hydragen.InsufficientMemoryException before anything is allocated
   */
  public ReservedSuffixes(KvLayout layout, MemoryAccount account, int sequences, int capacity) {
    this.layout = layout;
    this.kvHeads = layout.shape.kvHeads();
    long tracks = (long) sequences * kvHeads;
    HostMemory.require(
        "a batch of " + sequences + " sequences of " + capacity + " tokens",
        KvStore.bytes(layout, tracks, capacity),
        HostMemory.remedy("take fewer sequences or a smaller capacity", layout.type));
    this.store = new KvStore(layout, account, tracks, capacity);
  }

  @Override
  public void reserve(BatchView view, int[] counts) {}

  @Override
  public void truncate(int sequence, int length) {}

  @Override
  public KvStore set(KvRun run, int sequence, int head, int from, int to) {
    int start = from / BLOCK * BLOCK;
    int tokens = Math.min(BLOCK, store.tokens - start);
    // A sequence's blocks lie where the store has its tracks: bytes are proportional to tokens.
    long block = store.keys((long) sequence * kvHeads) + kvHeads * layout.trackBytes(start);
    long track = block + head * layout.trackBytes(tokens);
    run.setAt(store, track, tokens, from - start, Math.min(to - start, tokens));
    run.renumber(start);
    return store;
  }

  @Override
  public void close() {
    store.close();
  }
}
