package io.github.hydragen.simulator.runtime;

/** What threads wait for each other for. */
sealed interface Collective {

  /** Every thread of the group arrives before any goes on. */
  record Barrier(boolean global) implements Collective {}

  /** The threads of a warp exchange numbers. */
  record Shuffle(Kind kind, float value, int delta) implements Collective {
    enum Kind {
      SUM,
      DOWN,
      BROADCAST_FIRST
    }
  }

  /**
   * The threads of a warp load a matrix fragment from local memory.
   *
   * @param bytes whether as numbers of 8 bits, otherwise of 16
   */
  record LoadMatrix(MatrixLayout layout, boolean bytes, Object tile, int byteOffset)
      implements Collective {}

  /**
   * The threads of a warp multiply matrix fragments.
   *
   * @param a this thread's part of A; of bytes, or of 16-bit numbers
   * @param b of B
   * @param c of C; of ints, or of floats
   */
  record Multiply(MatrixNumbers numbers, Object a, Object b, Object c) implements Collective {}
}
