package io.github.hydragen.simulator;

/**
 * Accesses to global memory. A request is what the threads of a warp do at once: the n-th execution
 * of an instruction by each of them since they last waited for each other. Memory comes in sectors
 * of 32 bytes.
 *
 * @param accesses by single threads
 * @param bytes that the threads asked for
 * @param requests of whole warps
 * @param sectors that the requests touched
 * @param idealSectors that they would have touched had the bytes of each request, without
 *     repetitions, been next to each other from the lowest one on
 * @param sectorsAgain of the sectors that were read, those that another warp of the same work-group
 *     had read before from the same array: local memory would have saved them
 */
public record GlobalTraffic(
    long accesses, long bytes, long requests, long sectors, long idealSectors, long sectorsAgain) {
  /** No accesses. */
  public static final GlobalTraffic NONE = new GlobalTraffic(0, 0, 0, 0, 0, 0);

  /** Returns the sum of both. */
  public GlobalTraffic plus(GlobalTraffic other) {
    return new GlobalTraffic(
        accesses + other.accesses,
        bytes + other.bytes,
        requests + other.requests,
        sectors + other.sectors,
        idealSectors + other.idealSectors,
        sectorsAgain + other.sectorsAgain);
  }

  /** Tells whether no request touched a sector more than it had to. */
  public boolean isCoalesced() {
    return sectors == idealSectors;
  }
}
