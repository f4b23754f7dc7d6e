package io.github.hydragen.cpu.memory;

import io.github.hydragen.MemoryUsage;
import io.github.hydragen.spi.HostMemory;

/**
 * Counts what an engine has allocated, for itself and for the process. Used under the engine's lock
 * only.
 */
public final class MemoryAccount {
  private long kvBytes;
  private long bytes;
  private long peak;

  /**
   * Counts what was allocated, or freed if negative.
   *
   * @param kvChange bytes of keys and values
   * @param change bytes of all kinds
   */
  public void add(long kvChange, long change) {
    kvBytes += kvChange;
    bytes += change;
    peak = Math.max(peak, bytes);
    if (change != 0) {
      HostMemory.held(change);
    }
  }

  /** The engine is closed: what it still has is left to the garbage collector. */
  public void close() {
    add(-kvBytes, -bytes);
  }

  /** What the engine has now, and had at most. */
  public MemoryUsage usage() {
    return new MemoryUsage(kvBytes, bytes, peak);
  }
}
