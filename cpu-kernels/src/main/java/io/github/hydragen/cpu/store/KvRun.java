package io.github.hydragen.cpu.store;

import java.lang.foreign.MemorySegment;

/** Keys and values of one head that a pass reads: tokens {@code from} to {@code to} of a track. */
public final class KvRun {
  /** What holds the track. */
  public MemorySegment memory = MemorySegment.NULL;

  /** Byte offsets of the track's first key and first value. */
  public long keys;

  /** See {@link #keys}. */
  public long values;

  /** Tokens that the track has room for, a multiple of 16. */
  public int tokens;

  /** What the track's first token is called. */
  public int start;

  /** The first token that is read, as it is called. */
  public int from;

  /** The end of the tokens that are read. */
  public int to;

  /** See {@link KvStore#special}. */
  public boolean special;

  /** Sets it to tokens of a store's track. */
  public KvRun set(KvStore store, long track, int from, int to) {
    return setAt(store, store.keys(track), store.tokens, from, to);
  }

  /**
   * Sets it to tokens of a track that begins anywhere in a store.
   *
   * @param keys byte offset of the first key
   * @param tokens that the track has room for, a multiple of 16
   */
  KvRun setAt(KvStore store, long keys, int tokens, int from, int to) {
    this.memory = store.memory;
    this.keys = keys;
    this.values = keys + store.layout.keyBytes(tokens);
    this.tokens = tokens;
    this.start = 0;
    this.from = from;
    this.to = to;
    this.special = store.special;
    return this;
  }

  /** Counts tokens from an earlier one: the track's first is to be called {@code start}. */
  void renumber(int start) {
    this.start = start;
    from += start;
    to += start;
  }
}
