package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;

/** One engine's random operations; the reference goes through the same and checks samples. */
final class Soak implements AutoCloseable {
  private static final int SEQUENCES = 6;
  private static final int CAPACITY = 20;
  private static final int MOST_PREFIXES = 10;
  private static final int MOST_LEVELS = 5;

  private final SplittableRandom random;
  private final Twin twin;
  private final ToLongFunction<SequenceBatch> storedTokens;
  private final boolean forks;
  private final boolean levels;
  private final boolean severalTokens;

  /** Bytes of the keys and values of one token. */
  private final long tokenBytes;

  /** Numbers of the open prefixes; a parent comes before its children. */
  private final List<Integer> prefixes = new ArrayList<>();

  Soak(AttentionBackendContract contract, AttentionShape shape, EngineOptions options, long seed) {
    this.random = new SplittableRandom(seed);
    this.twin = new Twin(contract, shape, options, SEQUENCES, CAPACITY, seed);
    this.storedTokens = contract::storedTokens;
    this.levels = !contract.unsupported().containsKey(Feature.LEVELS);
    this.forks = levels && !contract.unsupported().containsKey(Feature.PROMOTE);
    this.severalTokens = !contract.unsupported().containsKey(Feature.SEVERAL_TOKENS);
    this.tokenBytes = 2L * shape.kvRow() * options.storage().bytes();
  }

  AttentionEngine engine() {
    return twin.engine();
  }

  void operate() {
    int sequence = random.nextInt(SEQUENCES);
    int choice = random.nextInt(100);
    if (choice < 8) {
      twin.clear(sequence);
      twin.attach(sequence, anyPrefix());
    } else if (choice < 12) {
      twin.attach(sequence, anyPrefix());
    } else if (choice < 16) {
      twin.clear(sequence);
    } else if (choice < 22) {
      addPrefix();
    } else if (choice < 28) {
      closePrefix();
    } else if (choice < 34) {
      fork(sequence);
    } else if (choice < 42) {
      twin.truncate(sequence, random.nextInt(twin.mine().length(sequence) + 1));
    } else if (choice < 80) {
      append();
    } else {
      attend();
    }
  }

  private int anyPrefix() {
    int i = random.nextInt(prefixes.size() + 1);
    return i == prefixes.size() ? -1 : prefixes.get(i);
  }

  private void addPrefix() {
    if (prefixes.size() < MOST_PREFIXES) {
      int parent = levels ? anyPrefix() : -1;
      boolean deep = parent >= 0 && twin.minePrefix(parent).depth() >= MOST_LEVELS;
      prefixes.add(twin.prefix(deep ? -1 : parent, random.nextInt(24)));
    }
  }

  private void fork(int sequence) {
    Prefix parent = twin.mine().prefix(sequence);
    boolean deep = parent != null && parent.depth() >= MOST_LEVELS;
    if (forks && !deep && prefixes.size() < MOST_PREFIXES) {
      int fork = twin.promote(sequence);
      prefixes.add(fork);
      twin.attach(random.nextInt(SEQUENCES), fork);
    }
  }

  /** Closes any one that is not in use; one that is refuses and nothing changes. */
  private void closePrefix() {
    if (prefixes.isEmpty()) {
      return;
    }
    int number = prefixes.get(random.nextInt(prefixes.size()));
    Prefix prefix = twin.minePrefix(number);
    if (isInUse(prefix)) {
      assertThrows(IllegalStateException.class, prefix::close);
    } else {
      twin.closePrefix(number);
      prefixes.remove((Integer) number);
    }
    checkMemory();
  }

  private boolean isInUse(Prefix prefix) {
    return prefix.sequences() > 0
        || prefixes.stream().anyMatch(p -> twin.minePrefix(p).parent() == prefix);
  }

  private void checkMemory() {
    long tokens = storedTokens.applyAsLong(twin.mine());
    for (int prefix : prefixes) {
      tokens += twin.minePrefix(prefix).length();
    }
    assertEquals(tokens * tokenBytes, engine().memory().kvBytes());
  }

  private void append() {
    int[] counts = new int[SEQUENCES];
    boolean fits = true;
    for (int s = 0; s < SEQUENCES; s++) {
      counts[s] = random.nextInt(8) == 0 ? random.nextInt(8) : random.nextInt(2);
      fits &= counts[s] <= CAPACITY - twin.mine().length(s);
    }
    if (fits) {
      twin.append(counts);
    } else {
      assertThrows(IllegalStateException.class, () -> twin.appendMine(counts));
    }
  }

  private void attend() {
    int[] counts = new int[SEQUENCES];
    for (int s = 0; s < SEQUENCES; s++) {
      int most = severalTokens ? Math.max(1, twin.mine().length(s)) : 1;
      counts[s] = severalTokens ? Math.min(random.nextInt(4), most) : 1;
    }
    twin.attend(counts);
  }

  void freeEverything() {
    for (int i = prefixes.size() - 1; i >= 0; i--) {
      int number = prefixes.get(i);
      for (int s = 0; s < SEQUENCES; s++) {
        if (twin.mine().prefix(s) == twin.minePrefix(number)) {
          twin.clear(s);
        }
      }
      twin.closePrefix(number);
    }
    prefixes.clear();
    twin.mine().close();
  }

  @Override
  public void close() {
    twin.close();
  }
}
