package io.github.hydragen.simulator.lint;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Kernels that use what works and break no rule. */
final class WellWritten {
  private static final int TILE = 8;
  private static final float LOWEST = -Float.MAX_VALUE;

  private WellWritten() {}

  static final class Portable {
    private Portable() {}

    static float weight(float score, float maximum) {
      return score == LOWEST ? 0f : TornadoMath.exp(score - maximum);
    }

    static float sum(float[] own) {
      float sum = 0f;
      for (int i = 0; i < 4; i++) {
        sum += own[i];
      }
      return sum;
    }

    static int token(int row, int heads) {
      return row / heads;
    }

    static int firstAbove(FloatArray in, int n) {
      int found = -1;
      for (int i = 0; i < n; i++) {
        if (in.get(i) > 1f) {
          found = i;
          break;
        }
      }
      return found;
    }

    static void attend(
        KernelContext context, HalfFloatArray keys, FloatArray out, IntArray lengths, int width) {
      float[] tile = context.allocateFloatLocalArray(TILE * TILE);
      int row = context.localIdx / TILE;
      int column = context.localIdx % TILE;
      int sequence = context.groupIdx;
      if (sequence >= lengths.getSize()) {
        return;
      }
      int length = lengths.get(sequence);
      float[] sums = new float[4];
      for (int i = 0; i < 4; i++) {
        sums[i] = 0f;
      }
      float maximum = LOWEST;
      int start = 0;
      while (start < length) {
        int index = (sequence * length + start + row) * width + column;
        tile[context.localIdx] = keys.get(index).getFloat32();
        context.localBarrier();
        for (int i = 0; i < TILE; i++) {
          if (start + i >= length) {
            break;
          }
          for (int j = 0; j < 4; j++) {
            if (j == 2) {
              continue;
            }
            sums[j] += weight(tile[i * TILE + column], maximum);
          }
        }
        context.localBarrier();
        start += TILE;
      }
      int high = (lengths.get(0) >> 3) & 15;
      switch (high) {
        case 0 -> maximum = 1f;
        case 1 -> maximum = 2f;
        default -> maximum = Math.max(maximum, 0f);
      }
      int third = token(context.globalIdx, width) + width / 3;
      out.set(context.globalIdx, sum(sums) + maximum + firstAbove(out, width) + third);
    }

    /** Two conditions, but no loop under either alone. */
    static void conditions(KernelContext context, IntArray in, IntArray out, int n) {
      int sum = 0;
      for (int i = 0; i < n && sum < 1000; i++) {
        int x = in.get(i);
        if (i < in.get(0) || i + 3 > in.get(1)) {
          x = -x;
        }
        int flag = i < in.get(0) || i + 3 > in.get(1) ? 1 : 0;
        if (flag == 1) {
          for (int j = 0; j < in.get(2); j++) {
            x += in.get(j);
          }
        }
        if (i > in.get(0) && i < in.get(1)) {
          for (int j = 0; j < in.get(2); j++) {
            x += in.get(j);
          }
        }
        sum += x;
      }
      if (n < 3 || n > 7) {
        for (int j = 0; j < in.get(2); j++) {
          sum += in.get(j);
        }
      }
      out.set(context.globalIdx, sum);
    }

    /** A helper with a context is no kernel of its own. */
    static void wait(KernelContext context, FloatArray out, int index) {
      out.set(index, 1f);
      context.globalBarrier();
    }

    static void waits(KernelContext context, FloatArray out) {
      wait(context, out, context.globalIdx);
      for (int i = 0; i < 3; i++) {
        if (out.get(i) > 0f) {
          return;
        }
      }
    }
  }

  static final class Cuda {
    private Cuda() {}

    static void product(
        KernelContext context, LongArray packed, HalfFloatArray in, FloatArray out, int tiles) {
      int[] tile = context.allocateIntLocalArray(128);
      float[] sum = context.mmaFragment(0f);
      for (int t = 0; t < tiles; t++) {
        for (int i = context.localIdx; i < 128; i += 32) {
          context.asyncCopyToLocal(tile, i, in, 2 * i);
        }
        context.asyncCopyCommit();
        context.asyncCopyWaitGroup(0);
        context.localBarrier();
        HalfFloat[] a = context.mmaLoadA(tile, 16);
        sum = context.mma(a, context.mmaLoadB(tile, 16), sum, MMAShape.M16N8K16);
        context.localBarrier();
      }
      context.mmaStore(sum, out, 0, 0, 8);
      long four = packed.get(context.localIdx);
      float x = BFloat16.bf16ToFloat((short) four) + BFloat16.bf16ToFloat((short) (four >> 16));
      out.set(128 + context.localIdx, context.simdSum(x));
    }

    /** Sums start in an array of the thread's own, and come back through local memory. */
    static void weigh(KernelContext context, FloatArray out) {
      int[] tile = context.allocateIntLocalArray(128);
      float[] exchange = context.allocateFloatLocalArray(4 + 32 * 10);
      float[] sums = new float[4];
      int lane = context.localIdx;
      for (int i = 0; i < 4; i++) {
        tile[lane + 32 * i] = 0;
        sums[i] = 0f;
      }
      context.localBarrier();
      HalfFloat[] a = context.mmaLoadA(tile, 16);
      float[] product = context.mma(a, context.mmaLoadB(tile, 16), sums, MMAShape.M16N8K16);
      int own = 10 * lane;
      context.mmaStore(
          product, (FloatArray) (Object) exchange, -(lane >> 2), own - 2 * (lane & 3), 1);
      out.set(context.globalIdx, exchange[own + 4] + exchange[own + 5]);
    }

    /** A fragment's registers as ints, and a fragment of ints as bytes. */
    static void unload(KernelContext context, IntArray out) {
      int[] tile = context.allocateIntLocalArray(128);
      int lane = context.localIdx;
      for (int i = 0; i < 4; i++) {
        tile[lane + 32 * i] = 0;
      }
      context.localBarrier();
      int[] fragment = (int[]) (Object) context.mmaLoadA(tile, 16);
      context.mmaStoreInt(fragment, out, 0, 0, 8);
      byte[] zeros = (byte[]) (Object) context.mmaFragmentInt(0);
      int[] sums = context.mmaInt8(zeros, zeros, context.mmaFragmentInt(1), MMAShape.M16N8K32);
      context.mmaStoreInt(sums, out, 16, 0, 8);
    }
  }
}
