package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Widens BF16 queries to F32, which is exact. CUDA only. */
public final class WidenBF16 {
  private WidenBF16() {}

  /** Widens BF16 numbers, four in each long, the first in the lowest bits: one thread a long. */
  public static void widenBF16(KernelContext context, LongArray from, FloatArray to) {
    int i = context.globalIdx;
    long four = from.get(i);
    to.set(4 * i, BFloat16.bf16ToFloat((short) four));
    to.set(4 * i + 1, BFloat16.bf16ToFloat((short) (four >> 16)));
    to.set(4 * i + 2, BFloat16.bf16ToFloat((short) (four >> 32)));
    to.set(4 * i + 3, BFloat16.bf16ToFloat((short) (four >> 48)));
  }
}
