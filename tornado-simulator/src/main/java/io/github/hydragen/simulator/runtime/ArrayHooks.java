package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.SimulatorFault;
import io.github.hydragen.simulator.memory.LocalArray;
import io.github.hydragen.simulator.memory.Poison;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * The accesses to Java arrays in rewritten kernels: local memory, shared by the group, or arrays of
 * the thread's own, which hold no zeros on a device.
 */
public final class ArrayHooks {
  private ArrayHooks() {}

  private static void read(Object array, int index, WorkItem item, int site) {
    LocalArray local = item.watch().local(array, site);
    if (local != null) {
      item.watch().read(local, index, item, site);
    }
  }

  private static void write(Object array, int index, WorkItem item, int site) {
    LocalArray local = item.watch().local(array, site);
    if (local != null) {
      item.watch().write(local, index, item, site);
    }
  }

  private static SimulatorFault unwritten(int index, WorkItem item, int site) {
    return item.group()
        .launch()
        .faults()
        .at(
            item,
            site,
            FaultKind.UNWRITTEN_READ,
            "element %d of an array of the thread's own was never written".formatted(index));
  }

  /** Stands for {@code array[index]}. */
  public static float load(float[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return loadOwn(array, index, item, site);
  }

  /** Stands for {@code array[index]} of an array of the thread's own. */
  public static float loadOwn(float[] array, int index, WorkItem item, int site) {
    float value = array[index];
    if (Poison.is(value)) {
      throw unwritten(index, item, site);
    }
    return value;
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(float[] array, int index, float value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static int load(int[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return loadOwn(array, index, item, site);
  }

  /** Stands for {@code array[index]} of an array of the thread's own. */
  public static int loadOwn(int[] array, int index, WorkItem item, int site) {
    int value = array[index];
    if (Poison.is(value)) {
      throw unwritten(index, item, site);
    }
    return value;
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(int[] array, int index, int value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static long load(long[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return loadOwn(array, index, item, site);
  }

  /** Stands for {@code array[index]} of an array of the thread's own. */
  public static long loadOwn(long[] array, int index, WorkItem item, int site) {
    long value = array[index];
    if (Poison.is(value)) {
      throw unwritten(index, item, site);
    }
    return value;
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(long[] array, int index, long value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static double load(double[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return array[index];
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(double[] array, int index, double value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static byte load(byte[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return array[index];
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(byte[] array, int index, byte value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static short load(short[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return array[index];
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(short[] array, int index, short value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static char load(char[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    return array[index];
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(char[] array, int index, char value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = value;
  }

  /** Stands for {@code array[index]}. */
  public static @Nullable Object load(
      @Nullable Object[] array, int index, WorkItem item, int site) {
    read(array, index, item, site);
    Object value = array[index];
    if (value == null) {
      throw unwritten(index, item, site);
    }
    return copy(value);
  }

  /** Stands for {@code array[index] = value}. */
  public static void store(
      @Nullable Object[] array, int index, Object value, WorkItem item, int site) {
    write(array, index, item, site);
    array[index] = copy(value);
  }

  /** Memory holds numbers, not references: what is read or written is a copy. */
  private static Object copy(Object value) {
    return value instanceof Half2 pair ? pair.duplicate() : value;
  }

  /** Stands for {@code new float[length]}. */
  public static float[] newFloats(int length, WorkItem item, int site) {
    return Poison.floats(length);
  }

  /** Stands for {@code new int[length]}. */
  public static int[] newInts(int length, WorkItem item, int site) {
    return Poison.ints(length);
  }

  /** Stands for {@code new long[length]}. */
  public static long[] newLongs(int length, WorkItem item, int site) {
    return Poison.longs(length);
  }
}
