package io.github.hydragen.tornado.store;

import io.github.hydragen.MemoryUsage;

/** Counts what an engine holds. */
public final class Usage {
  private long kvBytes;
  private long allocated;
  private long peak;
  private long kernelNanos;

  /** Counts an allocation, or with negative numbers its end. */
  public void add(long allocatedChange, long kvChange) {
    kvBytes += kvChange;
    allocated += allocatedChange;
    peak = Math.max(peak, allocated);
  }

  void addKernelNanos(long nanos) {
    kernelNanos += nanos;
  }

  /** How long kernels ran that were timed. */
  public long kernelNanos() {
    return kernelNanos;
  }

  /** What is held now, and was at most. */
  public MemoryUsage snapshot() {
    return new MemoryUsage(kvBytes, allocated, peak);
  }
}
