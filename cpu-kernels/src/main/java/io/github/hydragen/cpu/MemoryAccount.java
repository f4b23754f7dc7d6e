package io.github.hydragen.cpu;

import io.github.hydragen.MemoryUsage;
import io.github.hydragen.spi.HostMemory;

/**
 * Counts what an engine has allocated, for itself and for the process. Used under the engine's lock
 * only.
 */
final class MemoryAccount {
  private long kvBytes;
  private long bytes;
  private long peak;

  void add(long kvChange, long change) {
    kvBytes += kvChange;
    bytes += change;
    peak = Math.max(peak, bytes);
    if (change != 0) {
      HostMemory.held(change);
    }
  }

  /** The engine is closed: what it still has is left to the garbage collector. */
  void close() {
    add(-kvBytes, -bytes);
  }

  MemoryUsage usage() {
    return new MemoryUsage(kvBytes, bytes, peak);
  }
}
