package io.github.hydragen.simulator.runtime;

/** What a work-group can have on every CUDA device. */
public final class Limits {
  /** Static local memory, in bytes. */
  public static final int LOCAL_MEMORY_BYTES = 48 * 1024;

  /** Threads. */
  public static final int GROUP_THREADS = 1024;

  private Limits() {}
}
