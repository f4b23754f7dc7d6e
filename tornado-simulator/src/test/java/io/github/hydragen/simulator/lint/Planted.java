package io.github.hydragen.simulator.lint;

import java.util.function.IntUnaryOperator;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Kernels that break one rule each. */
final class Planted {
  private Planted() {}

  static final class LocalArrayArgument {
    static float first(float[] values) {
      return values[0];
    }

    static void kernel(KernelContext context, FloatArray out) {
      float[] shared = context.allocateFloatLocalArray(32);
      shared[context.localIdx] = 1f;
      context.localBarrier();
      out.set(context.globalIdx, first(shared));
    }
  }

  static final class LocalArrayCast {
    static void kernel(KernelContext context, FloatArray out) {
      Object shared = context.allocateFloatLocalArray(32);
      float[] cast = (float[]) shared;
      cast[context.localIdx] = 1f;
      out.set(context.globalIdx, cast[context.localIdx]);
    }
  }

  static final class LocalArrayAlignment {
    static void kernel(KernelContext context, FloatArray out) {
      float[] sums = context.allocateFloatLocalArray(33);
      int[] tile = context.allocateIntLocalArray(128);
      tile[context.localIdx] = 0;
      sums[context.localIdx] = 1f;
      context.localBarrier();
      HalfFloat[] a = context.mmaLoadA(tile, 16);
      HalfFloat[] b = context.mmaLoadB(tile, 16);
      context.mmaStore(
          context.mma(a, b, context.mmaFragment(sums[0]), MMAShape.M16N8K16), out, 0, 0, 8);
    }
  }

  static final class PrivateArrayCast {
    static void kernel(KernelContext context, FloatArray out) {
      long[] own = new long[4];
      own[0] = 1;
      HalfFloat[] fragment = (HalfFloat[]) (Object) own;
      float[] sum = context.mma(fragment, fragment, context.mmaFragment(0f), MMAShape.M16N8K16);
      context.mmaStore(sum, out, 0, 0, 8);
    }
  }

  static final class PrivateArrayAsFragment {
    static void kernel(KernelContext context, FloatArray out) {
      int[] own = new int[4];
      own[0] = 1;
      HalfFloat[] fragment = (HalfFloat[]) (Object) own;
      float[] sum = context.mma(fragment, fragment, context.mmaFragment(0f), MMAShape.M16N8K16);
      context.mmaStore(sum, out, 0, 0, 8);
    }
  }

  static final class PrivateArrayAsTarget {
    static void kernel(KernelContext context, FloatArray out) {
      float[] own = new float[14];
      own[0] = 1f;
      context.mmaStore(context.mmaFragment(0f), (FloatArray) (Object) own, 0, 0, 1);
      out.set(context.globalIdx, own[4]);
    }
  }

  static final class FragmentCast {
    static void kernel(KernelContext context, FloatArray out) {
      HalfFloat[] fragment = (HalfFloat[]) (Object) context.mmaFragmentInt(0);
      float[] sum = context.mma(fragment, fragment, context.mmaFragment(0f), MMAShape.M16N8K16);
      context.mmaStore(sum, out, 0, 0, 8);
    }
  }

  static final class PrivateNativeArray {
    static void kernel(KernelContext context, FloatArray out) {
      FloatArray own = new FloatArray(18);
      context.mmaStore(context.mmaFragment(0f), own, 0, 0, 1);
      out.set(context.globalIdx, own.get(0));
    }
  }

  static final class LocalArraySize {
    static void kernel(KernelContext context, FloatArray out, int size) {
      float[] shared = context.allocateFloatLocalArray(size);
      shared[context.localIdx] = 1f;
      out.set(context.globalIdx, shared[context.localIdx]);
    }
  }

  static final class LabelledBreak {
    static void kernel(KernelContext context, FloatArray in, FloatArray out, int n) {
      float sum = 0f;
      outer:
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          if (in.get(i * n + j) > 1f) {
            break outer;
          }
          sum += in.get(j);
        }
        sum += 1f;
      }
      out.set(context.globalIdx, sum);
    }
  }

  static final class LabelledContinue {
    static void kernel(KernelContext context, FloatArray in, FloatArray out, int n) {
      float sum = 0f;
      outer:
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          if (in.get(i * n + j) > 1f) {
            continue outer;
          }
          sum += in.get(j);
        }
        sum += 1f;
      }
      out.set(context.globalIdx, sum);
    }
  }

  static final class ReturnInNestedLoops {
    static void kernel(KernelContext context, FloatArray in, FloatArray out, int n) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          if (in.get(i * n + j) > 1f) {
            return;
          }
        }
        out.set(i, 1f);
      }
      out.set(context.globalIdx, 2f);
    }
  }

  static final class ReturnInALoopOfAHelper {
    static int find(FloatArray in, int n) {
      for (int i = 0; i < n; i++) {
        if (in.get(i) > 1f) {
          return i;
        }
      }
      return -1;
    }

    static void kernel(KernelContext context, FloatArray in, FloatArray out, int n) {
      out.set(context.globalIdx, find(in, n));
    }
  }

  static final class LoopUnderOr {
    static void kernel(KernelContext context, IntArray in, IntArray out, int n) {
      int sum = 0;
      for (int i = 0; i < n; i++) {
        int x = in.get(i);
        if (i < in.get(0) || i + 3 > in.get(1)) {
          for (int j = 0; j < in.get(2); j++) {
            x += in.get(j);
          }
        }
        sum += x;
      }
      out.set(context.globalIdx, sum);
    }
  }

  static final class LoopUnderElseOfAnd {
    static void kernel(KernelContext context, IntArray in, IntArray out, int n) {
      int sum = 0;
      for (int i = 0; i < n; i++) {
        int x = in.get(i);
        if (i >= in.get(0) && i + 3 <= in.get(1)) {
          x = 7;
        } else if (x > 2) {
          for (int j = 0; j < in.get(2); j++) {
            x += in.get(j);
          }
        }
        sum += x;
      }
      out.set(context.globalIdx, sum);
    }
  }

  static final class LoopInAWhileWithOr {
    static void kernel(KernelContext context, IntArray in, IntArray out, int n) {
      int sum = 0;
      int i = 0;
      while (i < in.get(0) || i < n) {
        for (int j = 0; j < in.get(2); j++) {
          sum += in.get(j);
        }
        i++;
      }
      out.set(context.globalIdx, sum);
    }
  }

  static final class UnsignedShift {
    static void kernel(KernelContext context, IntArray in, IntArray out) {
      out.set(context.globalIdx, in.get(context.globalIdx) >>> 3);
    }
  }

  static final class UnsignedLongShift {
    static void kernel(KernelContext context, LongArray in, IntArray out) {
      out.set(context.globalIdx, (int) (in.get(context.globalIdx) >>> 48));
    }
  }

  static final class NegativeDivision {
    static void kernel(KernelContext context, IntArray in, IntArray out) {
      out.set(context.globalIdx, in.get(context.globalIdx) / 8);
    }
  }

  static final class NegativeRemainder {
    static void kernel(KernelContext context, IntArray out, int n) {
      out.set(context.globalIdx, (context.globalIdx - 1) % n);
    }
  }

  static final class InfiniteConstant {
    static void kernel(KernelContext context, FloatArray in, FloatArray out) {
      float value = in.get(context.globalIdx);
      out.set(context.globalIdx, value > 0f ? value : Float.NEGATIVE_INFINITY);
    }
  }

  static final class NegativeDivisionInAHelper {
    static int token(int row, int heads) {
      return row / heads;
    }

    static void kernel(KernelContext context, IntArray in, IntArray out, int heads) {
      int known = token(context.globalIdx, heads);
      out.set(context.globalIdx, known + token(in.get(context.globalIdx), heads));
    }
  }

  static final class UnwrittenArray {
    static void kernel(KernelContext context, FloatArray in, FloatArray out) {
      float[] sums = new float[4];
      for (int i = 0; i < 4; i++) {
        sums[i] += in.get(i);
      }
      out.set(context.globalIdx, sums[0]);
    }
  }

  static final class UnwrittenOperand {
    static void kernel(KernelContext context, FloatArray out) {
      int[] tile = context.allocateIntLocalArray(128);
      tile[context.localIdx] = 0;
      float[] own = new float[4];
      HalfFloat[] a = context.mmaLoadA(tile, 16);
      context.mmaStore(context.mma(a, a, own, MMAShape.M16N8K16), out, 0, 0, 8);
    }
  }

  static final class HalfResult {
    static void kernel(KernelContext context, HalfFloatArray in, FloatArray out) {
      HalfFloat x = in.get(context.globalIdx);
      out.set(context.globalIdx, HalfFloat.add(x, x).getFloat32());
    }
  }

  static final class HalfBits {
    static void kernel(KernelContext context, HalfFloatArray in, FloatArray out) {
      short bits = in.get(context.globalIdx).getHalfFloatValue();
      out.set(context.globalIdx, Float.float16ToFloat(bits));
    }
  }

  static final class StaticArray {
    private static final float[] TABLE = {1f, 2f};

    static void kernel(KernelContext context, FloatArray out) {
      out.set(context.globalIdx, TABLE[context.localIdx % 2]);
    }
  }

  static final class ArraySize {
    static void kernel(KernelContext context, FloatArray out, int n) {
      float[] sums = new float[n];
      sums[0] = 1f;
      out.set(context.globalIdx, sums[0]);
    }
  }

  static final class ArrayOfArrays {
    static void kernel(KernelContext context, FloatArray out) {
      float[][] tile = new float[2][2];
      out.set(context.globalIdx, tile.length);
    }
  }

  static final class Lambda {
    static void kernel(KernelContext context, IntArray out) {
      IntUnaryOperator twice = x -> 2 * x;
      out.set(context.globalIdx, twice.hashCode());
    }
  }

  static final class Throw {
    static void kernel(KernelContext context, IntArray out, int n) {
      if (n < 0) {
        throw new IllegalArgumentException();
      }
      out.set(context.globalIdx, n);
    }
  }

  static final class Recursion {
    static int factorial(int n) {
      return n < 2 ? 1 : n * factorial(n - 1);
    }

    static void kernel(KernelContext context, IntArray out, int n) {
      out.set(context.globalIdx, factorial(n));
    }
  }

  static final class Fma {
    static void kernel(KernelContext context, FloatArray out) {
      out.set(context.globalIdx, Math.fma(out.get(0), 2f, 1f));
    }
  }

  static final class IntegerAbs {
    static void kernel(KernelContext context, IntArray out) {
      out.set(context.globalIdx, Math.abs(out.get(context.globalIdx)));
    }
  }

  static final class FloatBits {
    static void kernel(KernelContext context, FloatArray in, IntArray out) {
      out.set(context.globalIdx, Float.floatToIntBits(in.get(context.globalIdx)));
    }
  }

  static final class NewObject {
    static void kernel(KernelContext context, FloatArray out) {
      Object made = new Object();
      out.set(context.globalIdx, made == null ? 1f : 2f);
    }
  }

  static final class CudaName {
    static void float4(KernelContext context, FloatArray out) {
      out.set(context.globalIdx, 1f);
    }
  }

  static final class FragmentAccess {
    static void kernel(KernelContext context, FloatArray out) {
      float[] sum = context.mmaFragment(0f);
      out.set(context.globalIdx, sum[0]);
    }
  }

  static final class FragmentAssignment {
    static void kernel(KernelContext context, FloatArray out, int n) {
      int[] tile = context.allocateIntLocalArray(128);
      HalfFloat[] a = context.mmaLoadA(tile, 16);
      HalfFloat[] b = context.mmaLoadB(tile, 16);
      float[] sum = context.mmaFragment(0f);
      if (out.get(0) > 0f) {
        sum = context.mma(a, b, sum, MMAShape.M16N8K16);
      }
      context.mmaStore(sum, out, 0, 0, n);
    }
  }

  static final class NotPortable {
    static void kernel(KernelContext context, FloatArray out) {
      out.set(context.globalIdx, context.simdSum(1f));
    }
  }
}
