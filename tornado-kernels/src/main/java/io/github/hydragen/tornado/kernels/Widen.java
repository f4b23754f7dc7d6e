package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/** Widens F16 queries to F32, which is exact: so only half of the bytes cross the bus. */
public final class Widen {
  private Widen() {}

  /** Widens F16 numbers: one thread a number. */
  public static void widenF16(KernelContext context, HalfFloatArray from, FloatArray to) {
    int i = context.globalIdx;
    to.set(i, from.get(i).getFloat32());
  }
}
