package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.memory.Swizzle;

/**
 * How {@code ldmatrix} reads a tile: which row of 16 bytes each lane names, and whether the 8 by 8
 * matrices are transposed on the way. Addresses are in bytes from the start of the tile.
 */
enum MatrixLayout {
  /** {@code x4}: 16 rows of 32 bytes, as four matrices: left upper, left lower, right ones. */
  A(4, false),
  /** {@code x2.trans}: 16 rows of 16 bytes, as two matrices one below the other. */
  B(2, true),
  /** As {@link #B}, with the 16-byte rows exchanged as {@code swizzleStoreFp16Stride32} does. */
  B_SWIZZLED(2, true);

  private static final int A_ROW_BYTES = 32;
  private static final int B_ROW_BYTES = 16;

  private final int matrices;
  private final boolean transposed;

  MatrixLayout(int matrices, boolean transposed) {
    this.matrices = matrices;
    this.transposed = transposed;
  }

  int matrices() {
    return matrices;
  }

  boolean transposed() {
    return transposed;
  }

  /** Returns the address of row {@code row} (0 to 7) of matrix {@code matrix}. */
  int rowAddress(int matrix, int row) {
    if (this == A) {
      return ((matrix & 1) * 8 + row) * A_ROW_BYTES + (matrix >> 1) * 16;
    }
    int address = (matrix * 8 + row) * B_ROW_BYTES;
    return this == B_SWIZZLED ? Swizzle.address(address) : address;
  }
}
