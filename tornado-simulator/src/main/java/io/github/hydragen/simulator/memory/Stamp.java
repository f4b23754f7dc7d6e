package io.github.hydragen.simulator.memory;

/**
 * Who accessed an element and when, in 63 bits: the serial number of the work-group, the number of
 * barriers it had passed, and the thread. Serial numbers grow over all launches, so a stamp of an
 * earlier launch, or of an earlier group for local memory, tells itself apart.
 */
public final class Stamp {
  /** More barriers than a kernel can pass. */
  public static final int MAX_BARRIERS = 1 << 22;

  /** More groups than all launches can have. */
  public static final long MAX_GROUPS = 1L << 30;

  static final long NEVER = 0;
  private static final int THREAD_BITS = 11;
  private static final int GROUP_SHIFT = 33;
  private static final long THREAD_MASK = (1L << THREAD_BITS) - 1;
  private static final long SEVERAL_THREADS = THREAD_MASK;
  private static final long ATOMIC = THREAD_MASK - 1;

  private Stamp() {}

  /** Returns the stamp of thread {@code thread}, below 1024; {@code group} counts from 1. */
  public static long of(long group, int barriers, int thread) {
    return group << GROUP_SHIFT | (long) barriers << THREAD_BITS | thread;
  }

  static long group(long stamp) {
    return stamp >>> GROUP_SHIFT;
  }

  static boolean samePhase(long a, long b) {
    return a >>> THREAD_BITS == b >>> THREAD_BITS;
  }

  static long several(long stamp) {
    return stamp | SEVERAL_THREADS;
  }

  static long atomic(long stamp) {
    return (stamp & ~THREAD_MASK) | ATOMIC;
  }

  static boolean isAtomic(long stamp) {
    return (stamp & THREAD_MASK) == ATOMIC;
  }

  /** Returns the thread of a stamp for a message. */
  static String describe(long stamp) {
    long thread = stamp & THREAD_MASK;
    if (thread == ATOMIC) {
      return "an atomic addition";
    }
    return thread == SEVERAL_THREADS ? "several threads" : "thread " + thread;
  }
}
