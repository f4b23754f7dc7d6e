package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.memory.LocalArray;
import io.github.hydragen.simulator.memory.Swizzle;
import io.github.hydragen.simulator.runtime.Collective.LoadMatrix;
import io.github.hydragen.simulator.runtime.Collective.Multiply;
import java.lang.reflect.Array;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The matrix instructions of {@link KernelContext}; see {@link KernelHooks}. */
public final class MatrixHooks {
  /** What a device skips for a header, in elements, also where there is none. */
  private static final int HEADER = 4;

  private MatrixHooks() {}

  /** Stands for the method of this name. */
  public static void mmaStoreBSwizzled(
      KernelContext context,
      HalfFloat[] tile,
      int row,
      int col,
      int stride,
      HalfFloat value,
      int byteOffset,
      WorkItem item,
      int site) {
    int index = Swizzle.index(row * stride + col) + byteOffset / Short.BYTES;
    ArrayHooks.store(tile, index, value, item, site);
  }

  /** Stands for the method of this name. */
  public static float[] mmaFragment(KernelContext context, float value, WorkItem item, int site) {
    return context.mmaFragment(value);
  }

  /** Stands for the method of this name. */
  public static int[] mmaFragmentInt(KernelContext context, int value, WorkItem item, int site) {
    return context.mmaFragmentInt(value);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadA(
      KernelContext context, int[] tile, int depth, WorkItem item, int site) {
    mmaLoadA(context, tile, depth, 0, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadA(
      KernelContext context, int[] tile, int depth, int byteOffset, WorkItem item, int site) {
    load(new LoadMatrix(MatrixLayout.A, false, tile, byteOffset), depth, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadB(
      KernelContext context, int[] tile, int depth, WorkItem item, int site) {
    mmaLoadB(context, tile, depth, 0, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadB(
      KernelContext context, int[] tile, int depth, int byteOffset, WorkItem item, int site) {
    load(new LoadMatrix(MatrixLayout.B, false, tile, byteOffset), depth, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadBSwizzled(
      KernelContext context, HalfFloat[] tile, int depth, WorkItem item, int site) {
    mmaLoadBSwizzled(context, tile, depth, 0, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadBSwizzled(
      KernelContext context, HalfFloat[] tile, int depth, int byteOffset, WorkItem item, int site) {
    load(new LoadMatrix(MatrixLayout.B_SWIZZLED, false, tile, byteOffset), depth, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadAInt8(
      KernelContext context, int[] tile, int depth, WorkItem item, int site) {
    load(new LoadMatrix(MatrixLayout.A, true, tile, 0), depth, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadBInt8(
      KernelContext context, int[] tile, int depth, WorkItem item, int site) {
    load(new LoadMatrix(MatrixLayout.B, true, tile, 0), depth, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadAFP8(
      KernelContext context, int[] tile, int depth, WorkItem item, int site) {
    mmaLoadAInt8(context, tile, depth, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaLoadBFP8(
      KernelContext context, int[] tile, int depth, WorkItem item, int site) {
    mmaLoadBInt8(context, tile, depth, item, site);
  }

  private static void load(LoadMatrix load, int depth, WorkItem item, int site) {
    check(
        item.group().launch().grid().local(0) % Warp.LANES == 0,
        () -> "lanes count along x: a work-group must have a multiple of 32 threads there",
        item,
        site);
    int expected = load.bytes() ? 32 : 16;
    check(
        depth == expected, () -> "a depth of %d; it is %d".formatted(depth, expected), item, site);
    item.await(load, site);
  }

  /** Stands for the method of this name. */
  public static void mma(
      KernelContext context,
      HalfFloat[] a,
      HalfFloat[] b,
      float[] c,
      MMAShape shape,
      WorkItem item,
      int site) {
    multiplyHalves(MatrixNumbers.F16, a, b, c, shape, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaBF16(
      KernelContext context,
      HalfFloat[] a,
      HalfFloat[] b,
      float[] c,
      MMAShape shape,
      WorkItem item,
      int site) {
    multiplyHalves(MatrixNumbers.BF16, a, b, c, shape, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaInt8(
      KernelContext context, byte[] a, byte[] b, int[] c, MMAShape shape, WorkItem item, int site) {
    multiply(new Multiply(MatrixNumbers.INT8, a, b, c), shape, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaFP8E4M3(
      KernelContext context,
      byte[] a,
      byte[] b,
      float[] c,
      MMAShape shape,
      WorkItem item,
      int site) {
    float[] sums = Fragments.sums(c, item, site);
    multiply(new Multiply(MatrixNumbers.E4M3, a, b, sums), shape, item, site);
  }

  /** Stands for the method of this name. */
  public static void mmaFP8E5M2(
      KernelContext context,
      byte[] a,
      byte[] b,
      float[] c,
      MMAShape shape,
      WorkItem item,
      int site) {
    float[] sums = Fragments.sums(c, item, site);
    multiply(new Multiply(MatrixNumbers.E5M2, a, b, sums), shape, item, site);
  }

  private static void multiplyHalves(
      MatrixNumbers numbers,
      HalfFloat[] a,
      HalfFloat[] b,
      float[] c,
      MMAShape shape,
      WorkItem item,
      int site) {
    float[] sums = Fragments.sums(c, item, site);
    multiply(new Multiply(numbers, a, b, sums), shape, item, site);
  }

  private static void multiply(Multiply operands, MMAShape shape, WorkItem item, int site) {
    MatrixNumbers numbers = operands.numbers();
    check(shape == numbers.shape(), () -> "shape %s of %s".formatted(shape, numbers), item, site);
    // A fragment of A serves as one of B, whose registers it begins with.
    check(
        Array.getLength(operands.a()) == 4 * numbers.perRegister()
            && Array.getLength(operands.b()) >= 2 * numbers.perRegister()
            && Array.getLength(operands.c()) == Fragments.SUMS,
        () ->
            "A and B must be fragments that methods mmaLoad... made, C one that mmaFragment... made or"
                + " an array with 4 elements at least",
        item,
        site);
    item.await(operands, site);
  }

  /** Stands for the method of this name. */
  public static void mmaStore(
      KernelContext context,
      float[] d,
      FloatArray array,
      int tileRow,
      int tileCol,
      int dimN,
      WorkItem item,
      int site) {
    float[] sums = Fragments.sums(d, item, site);
    checkSums(sums.length, item, site);
    Object inDisguise = disguised(array, item);
    for (int e = 0; e < sums.length; e++) {
      int index = place(e, tileRow, tileCol, dimN, item);
      if (inDisguise == null) {
        item.watch().write(array, index, 1, item, site);
        array.set(index, sums[e]);
      } else if (inDisguise instanceof int[] bits) {
        ArrayHooks.store(bits, index + HEADER, Float.floatToRawIntBits(sums[e]), item, site);
      } else {
        ArrayHooks.store((float[]) inDisguise, index + HEADER, sums[e], item, site);
      }
    }
  }

  /** Stands for the method of this name. */
  public static void mmaStoreInt(
      KernelContext context,
      int[] d,
      IntArray array,
      int tileRow,
      int tileCol,
      int dimN,
      WorkItem item,
      int site) {
    checkSums(d.length, item, site);
    Object inDisguise = disguised(array, item);
    for (int e = 0; e < Fragments.SUMS; e++) {
      int index = place(e, tileRow, tileCol, dimN, item);
      if (inDisguise == null) {
        item.watch().write(array, index, 1, item, site);
        array.set(index, d[e]);
      } else {
        ArrayHooks.store((int[]) inDisguise, index + HEADER, d[e], item, site);
      }
    }
  }

  private static void checkSums(int length, WorkItem item, int site) {
    check(
        length >= Fragments.SUMS,
        () -> "%d numbers to store; there are %d a thread".formatted(length, Fragments.SUMS),
        item,
        site);
  }

  /** Returns the Java array that a kernel cast to the array in global memory; null if none. */
  private static @Nullable Object disguised(TornadoNativeArray array, WorkItem item) {
    LocalArray local = item.group().launch().local().views().find(array);
    return local == null ? null : local.array();
  }

  private static int place(int e, int tileRow, int tileCol, int dimN, WorkItem item) {
    int lane = item.number() % Warp.LANES;
    return (tileRow + MatrixUnit.row(lane, e)) * dimN + tileCol + MatrixUnit.column(lane, e);
  }

  private static void check(boolean holds, Supplier<String> detail, WorkItem item, int site) {
    if (!holds) {
      throw KernelHooks.fault(FaultKind.MATRIX_OPERAND, detail.get(), item, site);
    }
  }
}
