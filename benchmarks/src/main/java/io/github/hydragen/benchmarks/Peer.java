package io.github.hydragen.benchmarks;

/**
 * Another implementation of the same step, found by {@link java.util.ServiceLoader}.
 *
 * <p>Those that need a library are compiled by the profile {@code peers} only.
 */
public interface Peer {
  /** A short name, for instance {@code pytorch-flash}. */
  String name();

  /**
   * The library and its version, for people.
   *
   * @throws LinkageError if its native part cannot be loaded here
   */
  String library();

  /**
   * Stores everything but the new token and makes ready to repeat the step.
   *
   * @param threads that compute
   * @throws UnsupportedOperationException if it cannot do this case; the message says why
   * @throws LinkageError if its native part cannot be loaded here
   */
  Contender open(DecodeCase c, Staging staging, int threads);
}
