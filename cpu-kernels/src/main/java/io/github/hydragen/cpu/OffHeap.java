package io.github.hydragen.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Allocates the large off-heap blocks. */
final class OffHeap {
  private static final long ALIGNMENT = 64;

  private OffHeap() {}

  /** Zeroed memory that lives as long as the arena. */
  static MemorySegment allocate(Arena arena, long bytes) {
    return arena.allocate(bytes, ALIGNMENT);
  }
}
