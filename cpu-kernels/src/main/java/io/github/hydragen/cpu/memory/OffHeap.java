package io.github.hydragen.cpu.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Allocates the large off-heap blocks.
 *
 * <p>Where the JVM lets this module call native code, fresh pages are mapped and left untouched:
 * the system zeroes each when a worker first writes to it, on all workers at once, near that
 * worker's processor, and in huge pages. An arena's own allocation zeroes everything on the calling
 * thread.
 */
public final class OffHeap {
  private static final long ALIGNMENT = 64;

  /** Below this, a mapping of its own is not worth its system calls. */
  private static final long MAPPED_FROM = 1L << 20;

  private OffHeap() {}

  /** Zeroed memory that lives as long as the arena. */
  public static MemorySegment allocate(Arena arena, long bytes) {
    return bytes >= MAPPED_FROM && Posix.AVAILABLE
        ? Posix.map(arena, bytes)
        : arena.allocate(bytes, ALIGNMENT);
  }
}
