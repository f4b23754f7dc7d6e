package io.github.hydragen.cpu.store;

import io.github.hydragen.spi.BatchView;

/** Where the suffixes of a batch are stored: a track for each sequence and key/value head. */
public interface Suffixes extends AutoCloseable {
  /**
   * Makes room for {@code counts[s]} tokens behind those of each sequence.
   *
   * @throws io.github.hydragen.InsufficientMemoryException before anything is changed
   */
  void reserve(BatchView view, int[] counts);

  /** Gives back what lies beyond the first {@code length} tokens of a sequence. */
  void truncate(int sequence, int length);

  /**
   * Sets a run to as many tokens of a track as lie together, numbered as in the sequence. To meet
   * all: {@code for (int at = from; at < to; at = run.to) set(run, sequence, head, at, to)}.
   *
   * @param from the first token; less than {@code to}
   * @param to the end, if all up to it lie together
   * @return the store that holds them
   */
  KvStore set(KvRun run, int sequence, int head, int from, int to);

  @Override
  void close();
}
