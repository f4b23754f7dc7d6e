package io.github.hydragen.simulator;

/**
 * Accesses to local memory. It has 32 banks, each of which serves one word of 4 bytes at a time; a
 * request takes as many turns as its busiest bank has different words.
 *
 * @param accesses by single threads
 * @param requests of whole warps
 * @param bankConflicts turns beyond the first, over all requests
 */
public record LocalTraffic(long accesses, long requests, long bankConflicts) {
  /** No accesses. */
  public static final LocalTraffic NONE = new LocalTraffic(0, 0, 0);

  /** Returns the sum of both. */
  public LocalTraffic plus(LocalTraffic other) {
    return new LocalTraffic(
        accesses + other.accesses, requests + other.requests, bankConflicts + other.bankConflicts);
  }
}
