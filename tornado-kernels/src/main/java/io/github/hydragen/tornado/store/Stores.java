package io.github.hydragen.tornado.store;

import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Stores that together hold more tokens than one array can: token {@code t} is token {@code t %
 * perStore} of store {@code t / perStore}.
 */
public final class Stores {
  /** Tokens from which on several threads copy them. */
  private static final int PARALLEL = 64;

  private final List<KvStore> stores = new ArrayList<>();
  private final long tokens;
  private final int perStore;

  /**
   * Allocates them.
   *
   * @param tokens 0 or more
   * @param perStore the most tokens of a store
   */
  public Stores(Arena arena, Layout layout, long tokens, int perStore) {
    this.tokens = tokens;
    this.perStore = perStore;
    long left = tokens;
    do {
      // Devices have no arrays of no elements.
      long size = Math.max(1, Math.min(left, perStore));
      stores.add(new KvStore(arena, layout, size));
      left -= size;
    } while (left > 0);
  }

  /** How many stores so many tokens make. */
  public static long count(long tokens, int perStore) {
    return Math.max(1, (tokens + perStore - 1) / perStore);
  }

  /** The stores, in their order. */
  public List<KvStore> all() {
    return stores;
  }

  /** Tokens of all stores. */
  public long tokens() {
    return tokens;
  }

  int perStore() {
    return perStore;
  }

  /** The number of the store that has a token. */
  public int index(long token) {
    return (int) (token / perStore);
  }

  /** The store that has a token. */
  public KvStore at(long token) {
    return stores.get(index(token));
  }

  /** Which token of its store a token is. */
  public int within(long token) {
    return (int) (token % perStore);
  }

  /** Rounds tokens of tensors to the engine's storage type and stores them. */
  public void write(long token, Tensor k, Tensor v, long from, long tokens) {
    for (long done = 0; done < tokens; ) {
      int target = within(token + done);
      int step = (int) Math.min(tokens - done, perStore - target);
      at(token + done).write(target, k, v, from + done, step);
      done += step;
    }
  }

  /** Copies any tokens to a store, one behind the other from token {@code first} on. */
  public void copyTo(KvStore to, int first, Ints tokens) {
    IntStream all = IntStream.range(0, tokens.size());
    (tokens.size() < PARALLEL ? all : all.parallel())
        .forEach(
            i -> {
              int token = tokens.get(i);
              to.copy(first + i, at(token), within(token), 1);
            });
  }

  /** Copies tokens that may lie in several stores, of either side. */
  public void copy(long token, Stores from, long fromToken, long tokens) {
    for (long done = 0; done < tokens; ) {
      int target = within(token + done);
      int source = from.within(fromToken + done);
      long most = Math.min(perStore - target, from.perStore - source);
      int step = (int) Math.min(tokens - done, most);
      at(token + done).copy(target, from.at(fromToken + done), source, step);
      done += step;
    }
  }
}
