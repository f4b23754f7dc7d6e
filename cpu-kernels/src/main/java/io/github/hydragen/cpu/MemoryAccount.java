package io.github.hydragen.cpu;

import io.github.hydragen.MemoryUsage;

/** Counts what an engine has allocated. Used under the engine's lock only. */
final class MemoryAccount {
  private long kvBytes;
  private long bytes;
  private long peak;

  void add(long kvChange, long change) {
    kvBytes += kvChange;
    bytes += change;
    peak = Math.max(peak, bytes);
  }

  MemoryUsage usage() {
    return new MemoryUsage(kvBytes, bytes, peak);
  }
}
