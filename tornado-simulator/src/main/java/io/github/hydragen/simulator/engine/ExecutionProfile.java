package io.github.hydragen.simulator.engine;

/** What one execution of a plan took: nanoseconds of the host, and bytes. */
public final class ExecutionProfile {
  private long copyInNanos;
  private long kernelNanos;
  private long copyOutNanos;
  private long bytesIn;
  private long bytesOut;
  private long deviceBytes;

  ExecutionProfile() {}

  void copiedIn(long bytes, long nanos) {
    bytesIn += bytes;
    copyInNanos += nanos;
  }

  void ran(long nanos) {
    kernelNanos += nanos;
  }

  void copiedOut(long bytes, long nanos) {
    bytesOut += bytes;
    copyOutNanos += nanos;
  }

  void ends(long bytesInUse) {
    deviceBytes = bytesInUse;
  }

  /** Returns the time of the copies to the device. */
  public long copyInNanos() {
    return copyInNanos;
  }

  /** Returns the time of the kernels. */
  public long kernelNanos() {
    return kernelNanos;
  }

  /** Returns the time of the copies to the host. */
  public long copyOutNanos() {
    return copyOutNanos;
  }

  /** Returns the bytes copied to the device. */
  public long bytesIn() {
    return bytesIn;
  }

  /** Returns the bytes copied to the host. */
  public long bytesOut() {
    return bytesOut;
  }

  /** Returns the device memory in use afterwards. */
  public long deviceBytes() {
    return deviceBytes;
  }

  @Override
  public String toString() {
    return "copy in %d ns (%d bytes), kernels %d ns, copy out %d ns (%d bytes)"
        .formatted(copyInNanos, bytesIn, kernelNanos, copyOutNanos, bytesOut);
  }
}
