package io.github.hydragen.simulator.memory;

/** The permutation of a local tile of half-precision numbers with rows of 32 bytes. */
public final class Swizzle {
  private static final int ROWS_SHIFT = 7;
  private static final int ROWS_MASK = 0b111;
  private static final int CHUNK_SHIFT = 4;

  private Swizzle() {}

  /** Returns where element {@code index} lies: its 16-byte chunk is exchanged by its rows. */
  public static int index(int index) {
    return address(index * Short.BYTES) / Short.BYTES;
  }

  /** The same for addresses in bytes. */
  public static int address(int address) {
    return address ^ (address >> ROWS_SHIFT & ROWS_MASK) << CHUNK_SHIFT;
  }
}
