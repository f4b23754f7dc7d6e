package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/** The accesses to global memory in rewritten kernels: checked, then carried out. */
public final class GlobalHooks {
  private GlobalHooks() {}

  private static void read(TornadoNativeArray a, int index, int count, WorkItem item, int site) {
    item.watch().read(a, index, count, item, site);
  }

  private static void write(TornadoNativeArray a, int index, int count, WorkItem item, int site) {
    item.watch().write(a, index, count, item, site);
  }

  private static void checkAligned(int index, int elements, WorkItem item, int site) {
    if (index % elements != 0) {
      throw item.group()
          .launch()
          .faults()
          .at(
              item,
              site,
              FaultKind.MISALIGNED_ACCESS,
              "%d elements at once from index %d".formatted(elements, index));
    }
  }

  /** Stands for {@code array.get(index)}. */
  public static float get(FloatArray array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(FloatArray array, int index, float value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.get(index)}. */
  public static int get(IntArray array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(IntArray array, int index, int value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.get(index)}. */
  public static long get(LongArray array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(LongArray array, int index, long value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.get(index)}. */
  public static short get(ShortArray array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(ShortArray array, int index, short value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.get(index)}. */
  public static byte get(ByteArray array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(ByteArray array, int index, byte value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.get(index)}. */
  public static HalfFloat get(HalfFloatArray array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(
      HalfFloatArray array, int index, HalfFloat value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.get(index)}. */
  public static short get(BFloat16Array array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.get(index);
  }

  /** Stands for {@code array.set(index, value)}. */
  public static void set(BFloat16Array array, int index, short value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.set(index, value);
  }

  /** Stands for {@code array.getHalf2(index)}. */
  public static Half2 getHalf2(HalfFloatArray array, int index, WorkItem item, int site) {
    read(array, index, 2, item, site);
    checkAligned(index, 2, item, site);
    return array.getHalf2(index);
  }

  /** Stands for {@code array.setHalf2(index, value)}. */
  public static void setHalf2(
      HalfFloatArray array, int index, Half2 value, WorkItem item, int site) {
    write(array, index, 2, item, site);
    checkAligned(index, 2, item, site);
    array.setHalf2(index, value);
  }

  /** Stands for {@code array.getFloat(index)}. */
  public static float getFloat(BFloat16Array array, int index, WorkItem item, int site) {
    read(array, index, 1, item, site);
    return array.getFloat(index);
  }

  /** Stands for {@code array.setFloat(index, value)}. */
  public static void setFloat(
      BFloat16Array array, int index, float value, WorkItem item, int site) {
    write(array, index, 1, item, site);
    array.setFloat(index, value);
  }

  /** Stands for {@code array.getHalfFloat(index)}. */
  public static HalfFloat getHalfFloat(ByteArray array, int index, WorkItem item, int site) {
    read(array, index, 2, item, site);
    checkAligned(index, 2, item, site);
    return array.getHalfFloat(index);
  }

  /** Stands for {@code array.setHalfFloat(index, value)}. */
  public static void setHalfFloat(
      ByteArray array, int index, HalfFloat value, WorkItem item, int site) {
    write(array, index, 2, item, site);
    checkAligned(index, 2, item, site);
    array.setHalfFloat(index, value);
  }
}
