package io.github.hydragen.simulator.runtime;

import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;

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

  /** The threads of a warp load a matrix fragment from local memory. */
  record LoadMatrix(MatrixLayout layout, Object tile, int byteOffset) implements Collective {}

  /** The threads of a warp multiply matrix fragments. */
  final class Multiply implements Collective {
    private final boolean bfloat16;
    private final HalfFloat[] a;
    private final HalfFloat[] b;
    private final float[] c;

    Multiply(boolean bfloat16, HalfFloat[] a, HalfFloat[] b, float[] c) {
      this.bfloat16 = bfloat16;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    /** Returns number {@code i} of this thread's part of A. */
    float a(int i) {
      return number(a[i]);
    }

    /** Returns number {@code i} of this thread's part of B. */
    float b(int i) {
      return number(b[i]);
    }

    /** Returns a copy of this thread's part of C. */
    float[] c() {
      return c.clone();
    }

    private float number(HalfFloat half) {
      return bfloat16 ? BFloat16.bf16ToFloat(half.getHalfFloatValue()) : half.getFloat32();
    }
  }
}
