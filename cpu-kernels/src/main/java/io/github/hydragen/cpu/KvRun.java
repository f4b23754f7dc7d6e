package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/** Keys and values of one head that a pass reads: tokens {@code from} to {@code to} of a track. */
final class KvRun {
  MemorySegment memory = MemorySegment.NULL;
  long keys;
  long values;
  int from;
  int to;

  /** See {@link KvStore#special}. */
  boolean special;

  KvRun set(KvStore store, long track, int from, int to) {
    this.memory = store.memory;
    this.keys = store.keys(track);
    this.values = store.values(track);
    this.from = from;
    this.to = to;
    this.special = store.special;
    return this;
  }

  /**
   * Counts tokens from an earlier one.
   *
   * @param start what the track's first token is to be called, a multiple of a block
   */
  void renumber(KvLayout layout, int start) {
    long blocks = start / KvLayout.BLOCK;
    keys -= blocks * layout.keyBlockBytes;
    values -= blocks * layout.valueBlockBytes;
    from += start;
    to += start;
  }
}
