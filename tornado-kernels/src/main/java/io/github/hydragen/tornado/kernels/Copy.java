package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Copies an array to another on the device: one thread an element. */
public final class Copy {
  private Copy() {}

  /** Copies F32 numbers. */
  public static void copyF32(KernelContext context, FloatArray from, FloatArray to) {
    int i = context.globalIdx;
    to.set(i, from.get(i));
  }

  /** Copies F16 numbers. */
  public static void copyF16(KernelContext context, HalfFloatArray from, HalfFloatArray to) {
    int i = context.globalIdx;
    to.set(i, from.get(i));
  }

  /** Copies longs, for instance of four BF16 numbers. */
  public static void copyLongs(KernelContext context, LongArray from, LongArray to) {
    int i = context.globalIdx;
    to.set(i, from.get(i));
  }
}
