package io.github.hydragen.cpu.store;

import java.lang.foreign.MemorySegment;

/** Copies tokens from one track to another, whose strips may be of other widths. */
public final class KvCopy {
  private static final int STRIP = KvLayout.STRIP;

  private KvCopy() {}

  /**
   * Copies a run to the same tokens of a store's track.
   *
   * @param from begins at its track's first token
   */
  public static void copy(KvLayout layout, KvRun from, KvStore to, int track) {
    int tokens = KvLayout.roundUp(from.to - from.from);
    KvRun target = new KvRun().set(to, track, 0, to.tokens);
    for (int t = 0; t < tokens; t += KvLayout.BLOCK) {
      copyKeys(layout, from, t, target, from.from + t);
    }
    for (int e = 0; e < layout.valueRow; e += STRIP) {
      MemorySegment.copy(
          from.memory,
          from.values + layout.valueOffset(from.tokens, 0, e),
          target.memory,
          target.values + layout.valueOffset(target.tokens, from.from, e),
          (long) tokens * layout.valueColumns(e) * layout.type.bytes());
    }
    to.special |= from.special;
  }

  /** Copies a block of keys, row after row. */
  private static void copyKeys(KvLayout layout, KvRun from, int at, KvRun to, int toAt) {
    int perWord = 4 / layout.type.bytes();
    for (int e = 0; e < layout.keyRow; e += perWord) {
      MemorySegment.copy(
          from.memory,
          from.keys + layout.keyOffset(from.tokens, at, e),
          to.memory,
          to.keys + layout.keyOffset(to.tokens, toAt, e),
          4L * KvLayout.BLOCK);
    }
  }
}
