package io.github.hydragen.cpu.store;

import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.memory.OffHeap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Owns the off-heap memory of a number of tracks of equal capacity. */
public final class KvStore implements AutoCloseable {
  final KvLayout layout;

  /** What holds all tracks. */
  public final MemorySegment memory;

  /** Whether F16 infinities or NaN were ever written: then only the scalar loops read it right. */
  boolean special;

  private final Arena arena = Arena.ofShared();
  private final MemoryAccount account;

  /** Tokens that a track has room for, a multiple of 16. */
  final int tokens;

  private final long kvBytes;

  /**
   * Allocates the tracks; the caller has asked {@link #bytes} before.
   *
   * @param capacity tokens of a track
   */
  public KvStore(KvLayout layout, MemoryAccount account, long tracks, int capacity) {
    this(layout, account, tracks, capacity, kvBytes(layout, tracks, capacity));
  }

  /** Tracks that are dealt out as pages: only those in use count as keys and values. */
  public static KvStore ofPages(KvLayout layout, MemoryAccount account, long tracks, int capacity) {
    return new KvStore(layout, account, tracks, capacity, 0);
  }

  private KvStore(KvLayout layout, MemoryAccount account, long tracks, int capacity, long kvBytes) {
    this.layout = layout;
    this.account = account;
    this.tokens = KvLayout.roundUp(capacity);
    long bytes = bytes(layout, tracks, capacity);
    this.memory = OffHeap.allocate(arena, bytes);
    this.kvBytes = kvBytes;
    account.add(kvBytes, bytes);
  }

  /** Bytes that a store takes; the largest long if they are more. */
  public static long bytes(KvLayout layout, long tracks, int capacity) {
    long track = layout.trackBytes(KvLayout.roundUp(capacity));
    return Math.multiplyHigh(tracks, track) == 0 && tracks * track >= 0
        ? tracks * track
        : Long.MAX_VALUE;
  }

  /** Bytes of the keys and values of so many tracks, without padding. */
  static long kvBytes(KvLayout layout, long tracks, int capacity) {
    return tracks * capacity * 2L * layout.shape.headDim() * layout.type.bytes();
  }

  /** Byte offset of a track's first key. */
  long keys(long track) {
    return track * layout.trackBytes(tokens);
  }

  @Override
  public void close() {
    account.add(-kvBytes, -memory.byteSize());
    arena.close();
  }
}
