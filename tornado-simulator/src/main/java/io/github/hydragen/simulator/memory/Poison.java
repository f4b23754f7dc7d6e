package io.github.hydragen.simulator.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** What fresh memory holds: NaN, and integers that are no use as an index. */
public final class Poison {
  private static final int FLOAT_BITS = 0x7FC0DEAD;
  private static final int INT = 0xDEADBEA7;
  private static final long LONG = 0x7FC0DEAD_DEADBEA7L;
  private static final short HALF_BITS = 0x7E5D;
  private static final short BFLOAT16_BITS = 0x7FDE;

  private Poison() {}

  /** Returns a new array of poison. */
  public static float[] floats(int length) {
    float[] array = new float[length];
    Arrays.fill(array, Float.intBitsToFloat(FLOAT_BITS));
    return array;
  }

  /** Returns a new array of poison. */
  public static int[] ints(int length) {
    int[] array = new int[length];
    Arrays.fill(array, INT);
    return array;
  }

  /** Returns a new array of poison. */
  public static long[] longs(int length) {
    long[] array = new long[length];
    Arrays.fill(array, LONG);
    return array;
  }

  /** Tells whether a number is poison. */
  public static boolean is(float value) {
    return Float.floatToRawIntBits(value) == FLOAT_BITS;
  }

  /** Tells whether a number is poison. */
  public static boolean is(int value) {
    return value == INT;
  }

  /** Tells whether a number is poison. */
  public static boolean is(long value) {
    return value == LONG;
  }

  static void fill(TornadoNativeArray array) {
    MemorySegment elements = array.getSegment();
    if (array instanceof LongArray) {
      for (long i = 0; i < array.getSize(); i++) {
        elements.setAtIndex(ValueLayout.JAVA_LONG, i, LONG);
      }
    } else if (array.getElementSize() == Short.BYTES) {
      fillShorts(elements, shortPoison(array));
    } else if (array.getElementSize() == Integer.BYTES) {
      int bits = array instanceof FloatArray ? FLOAT_BITS : INT;
      for (long i = 0; i < array.getSize(); i++) {
        elements.setAtIndex(ValueLayout.JAVA_INT, i, bits);
      }
    } else {
      elements.fill((byte) INT);
    }
  }

  private static short shortPoison(TornadoNativeArray array) {
    if (array instanceof HalfFloatArray) {
      return HALF_BITS;
    }
    return array instanceof BFloat16Array ? BFLOAT16_BITS : (short) INT;
  }

  private static void fillShorts(MemorySegment elements, short bits) {
    for (long i = 0; i < elements.byteSize() / Short.BYTES; i++) {
      elements.setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
    }
  }
}
