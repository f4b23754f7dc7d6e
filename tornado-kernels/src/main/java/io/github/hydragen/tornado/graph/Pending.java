package io.github.hydragen.tornado.graph;

import io.github.hydragen.tornado.store.Ints;

/** Tokens that the host has and the device does not have yet: of suffixes and of prefixes. */
public final class Pending {
  private final int capacity;
  private final int[] from;
  private final int[] to;
  private long prefixFrom;
  private long prefixTo;

  /**
   * For suffixes of {@code capacity} tokens, one behind the other; nothing is pending.
   *
   * @param sequences how many
   */
  public Pending(int sequences, int capacity) {
    this.capacity = capacity;
    this.from = new int[sequences];
    this.to = new int[sequences];
  }

  /** Adds tokens of a suffix. */
  public void suffix(int sequence, int first, int count) {
    if (count > 0) {
      boolean none = from[sequence] == to[sequence];
      from[sequence] = none ? first : Math.min(from[sequence], first);
      to[sequence] = first + count;
    }
  }

  /** Everything is on the device, the first {@code prefixTokens} tokens of prefixes among it. */
  public void clear(long prefixTokens) {
    System.arraycopy(to, 0, from, 0, to.length);
    prefixFrom = prefixTokens;
    prefixTo = prefixTokens;
  }

  /** Adds the tokens of prefixes behind the last that were added, up to {@code end}. */
  public void prefixes(long end) {
    prefixTo = end;
  }

  /** Whether nothing is pending. */
  public boolean isEmpty() {
    for (int s = 0; s < to.length; s++) {
      if (from[s] < to[s]) {
        return false;
      }
    }
    return prefixFrom == prefixTo;
  }

  /** Tokens of suffixes. */
  long suffixes() {
    long tokens = 0;
    for (int s = 0; s < to.length; s++) {
      tokens += to[s] - from[s];
    }
    return tokens;
  }

  /** Takes up to {@code most} tokens of prefixes, as tokens of their stores. */
  Ints takePrefixes(int most) {
    Ints tokens = new Ints();
    while (prefixFrom < prefixTo && tokens.size() < most) {
      tokens.add(Math.toIntExact(prefixFrom++));
    }
    return tokens;
  }

  /** Takes up to {@code most} tokens of suffixes, as tokens of their stores. */
  Ints takeSuffixes(int most) {
    Ints tokens = new Ints();
    for (int s = 0; s < to.length && tokens.size() < most; s++) {
      while (from[s] < to[s] && tokens.size() < most) {
        tokens.add(s * capacity + from[s]++);
      }
    }
    return tokens;
  }
}
