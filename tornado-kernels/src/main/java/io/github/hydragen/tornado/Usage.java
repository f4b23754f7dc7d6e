package io.github.hydragen.tornado;

import io.github.hydragen.MemoryUsage;

/** Counts what an engine holds. */
final class Usage {
  private long kvBytes;
  private long allocated;
  private long peak;
  private long kernelNanos;

  /** Counts an allocation, or with negative numbers its end. */
  void add(long allocatedChange, long kvChange) {
    kvBytes += kvChange;
    allocated += allocatedChange;
    peak = Math.max(peak, allocated);
  }

  void addKernelNanos(long nanos) {
    kernelNanos += nanos;
  }

  long kernelNanos() {
    return kernelNanos;
  }

  MemoryUsage snapshot() {
    return new MemoryUsage(kvBytes, allocated, peak);
  }
}
