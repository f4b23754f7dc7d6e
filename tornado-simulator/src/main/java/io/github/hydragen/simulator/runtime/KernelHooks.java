package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.SimulatorFault;
import io.github.hydragen.simulator.memory.LocalArray;
import io.github.hydragen.simulator.memory.Swizzle;
import io.github.hydragen.simulator.runtime.AsyncCopies.Copy;
import io.github.hydragen.simulator.runtime.Collective.Barrier;
import io.github.hydragen.simulator.runtime.Collective.Shuffle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * The methods of {@link KernelContext} as rewritten kernels call them, but for those of {@link
 * MatrixHooks}. Those at which threads wait for each other return nothing: the result is in the
 * thread once its kernel continues.
 */
public final class KernelHooks {
  private KernelHooks() {}

  /** Keeps a variable for later. */
  public static void save(int value, WorkItem item) {
    item.saved().push(value);
  }

  /** Keeps a variable for later. */
  public static void save(long value, WorkItem item) {
    item.saved().push(value);
  }

  /** Keeps a variable for later. */
  public static void save(float value, WorkItem item) {
    item.saved().push(Float.floatToRawIntBits(value));
  }

  /** Keeps a variable for later. */
  public static void save(double value, WorkItem item) {
    item.saved().push(Double.doubleToRawLongBits(value));
  }

  /** Keeps a variable for later. */
  public static void save(@Nullable Object value, WorkItem item) {
    item.saved().push(value);
  }

  /** Stands for the method of this name. */
  public static int[] allocateIntLocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (int[]) local(item).allocate(LocalMemory.Type.INT, size, item, site);
  }

  /** Stands for the method of this name. */
  public static long[] allocateLongLocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (long[]) local(item).allocate(LocalMemory.Type.LONG, size, item, site);
  }

  /** Stands for the method of this name. */
  public static float[] allocateFloatLocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (float[]) local(item).allocate(LocalMemory.Type.FLOAT, size, item, site);
  }

  /** Stands for the method of this name. */
  public static double[] allocateDoubleLocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (double[]) local(item).allocate(LocalMemory.Type.DOUBLE, size, item, site);
  }

  /** Stands for the method of this name. */
  public static byte[] allocateByteLocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (byte[]) local(item).allocate(LocalMemory.Type.BYTE, size, item, site);
  }

  /** Stands for the method of this name. */
  public static HalfFloat[] allocateHalfFloatLocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (HalfFloat[]) local(item).allocate(LocalMemory.Type.HALF_FLOAT, size, item, site);
  }

  /** Stands for the method of this name. */
  public static Half2[] allocateHalf2LocalArray(
      KernelContext context, int size, WorkItem item, int site) {
    return (Half2[]) local(item).allocate(LocalMemory.Type.HALF2, size, item, site);
  }

  private static LocalMemory local(WorkItem item) {
    return item.group().launch().local();
  }

  /** Stands for the method of this name. */
  public static void localBarrier(KernelContext context, WorkItem item, int site) {
    item.await(new Barrier(false), site);
  }

  /** Stands for the method of this name. */
  public static void globalBarrier(KernelContext context, WorkItem item, int site) {
    item.await(new Barrier(true), site);
  }

  /** Stands for the method of this name. */
  public static void simdSum(KernelContext context, float value, WorkItem item, int site) {
    item.await(new Shuffle(Shuffle.Kind.SUM, value, 0), site);
  }

  /** Stands for the method of this name. */
  public static void simdShuffleDown(
      KernelContext context, float value, int delta, WorkItem item, int site) {
    item.await(new Shuffle(Shuffle.Kind.DOWN, value, delta), site);
  }

  /** Stands for the method of this name. */
  public static void simdBroadcastFirst(
      KernelContext context, float value, WorkItem item, int site) {
    item.await(new Shuffle(Shuffle.Kind.BROADCAST_FIRST, value, 0), site);
  }

  /** Stands for the method of this name. */
  public static void atomicAdd(
      KernelContext context, IntArray array, int index, int value, WorkItem item, int site) {
    item.watch().add(array, index, item, site);
    array.set(index, array.get(index) + value);
  }

  /** Stands for the method of this name. */
  public static void atomicAdd(
      KernelContext context, LongArray array, int index, long value, WorkItem item, int site) {
    item.watch().add(array, index, item, site);
    array.set(index, array.get(index) + value);
  }

  /** Stands for the method of this name. */
  public static void atomicAdd(
      KernelContext context, FloatArray array, int index, float value, WorkItem item, int site) {
    item.watch().add(array, index, item, site);
    array.set(index, array.get(index) + value);
  }

  /** Stands for the method of this name. */
  public static void atomicAdd(
      KernelContext context, int[] array, int index, int value, WorkItem item, int site) {
    LocalArray local = item.watch().local(array, site);
    if (local != null) {
      item.watch().add(local, index, item, site);
    }
    array[index] += value;
  }

  /** Stands for the method of this name. */
  public static HalfFloat swizzleLoadFp16Stride32(
      KernelContext context,
      HalfFloat[] tile,
      int row,
      int col,
      int stride,
      WorkItem item,
      int site) {
    Object value = ArrayHooks.load(tile, Swizzle.index(row * stride + col), item, site);
    return (HalfFloat) Objects.requireNonNull(value);
  }

  /** Stands for the method of this name. */
  public static void swizzleStoreFp16Stride32(
      KernelContext context,
      HalfFloat[] tile,
      int row,
      int col,
      int stride,
      HalfFloat value,
      WorkItem item,
      int site) {
    ArrayHooks.store(tile, Swizzle.index(row * stride + col), value, item, site);
  }

  /** Stands for the method of this name. */
  public static void asyncCopyToLocal(
      KernelContext context,
      int[] tile,
      int tileIndex,
      HalfFloatArray source,
      int index,
      WorkItem item,
      int site) {
    checkSource(source, index, 2, item, site);
    int low = source.get(index).getHalfFloatValue() & 0xFFFF;
    int high = source.get(index + 1).getHalfFloatValue() & 0xFFFF;
    startCopy(tile, tileIndex, low | high << 16, item, site);
  }

  /** Stands for the method of this name. */
  public static void asyncCopyToLocal(
      KernelContext context,
      int[] tile,
      int tileIndex,
      ByteArray source,
      int index,
      WorkItem item,
      int site) {
    checkSource(source, index, Integer.BYTES, item, site);
    int packed = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      packed |= (source.get(index + i) & 0xFF) << (i * Byte.SIZE);
    }
    startCopy(tile, tileIndex, packed, item, site);
  }

  private static void checkSource(
      TornadoNativeArray source, int index, int count, WorkItem item, int site) {
    item.watch().read(source, index, count, item, site);
    if (index % count != 0) {
      throw fault(
          FaultKind.MISALIGNED_ACCESS,
          "a copy of 4 bytes from index %d".formatted(index),
          item,
          site);
    }
  }

  private static void startCopy(int[] tile, int index, int value, WorkItem item, int site) {
    LocalArray watched = local(item).find(tile);
    if (watched == null) {
      throw fault(FaultKind.MATRIX_OPERAND, "the tile is not in local memory", item, site);
    }
    item.watch().startCopy(watched, index, item, site);
    item.copies().start(new Copy(watched, index, value, site));
  }

  /** Stands for the method of this name. */
  public static void asyncCopyCommit(KernelContext context, WorkItem item, int site) {
    item.copies().commit();
  }

  /** Stands for the method of this name. */
  public static void asyncCopyWaitGroup(
      KernelContext context, int groups, WorkItem item, int site) {
    for (Copy copy : item.copies().await(groups)) {
      item.watch().endCopy(copy.target(), copy.index(), item, copy.site());
      ((int[]) copy.target().array())[copy.index()] = copy.value();
    }
  }

  static SimulatorFault fault(FaultKind kind, String detail, WorkItem item, int site) {
    return item.group().launch().faults().at(item, site, kind, detail);
  }
}
