package io.github.hydragen;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How an element of a {@link Tensor} is stored, in the byte order of the machine.
 *
 * <p>Values are rounded to nearest, ties to even, when they are written; reading is exact.
 */
public enum DataType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary16: 11 bits of precision, largest finite value 65504. */
  F16(2),
  /** bfloat16: the upper half of a binary32, 8 bits of precision, the range of F32. */
  BF16(2);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /**
   * Reads one element.
   *
   * @param segment the memory, of any alignment
   * @param index the element's number from the segment's start
   */
  public float read(MemorySegment segment, long index) {
    return switch (this) {
      case F32 -> segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4);
      case F16 -> Float.float16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
      case BF16 -> bf16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
    };
  }

  /**
   * Reads elements from one on, until {@code into} is full.
   *
   * @param segment the memory, of any alignment
   * @param index the first element's number from the segment's start
   */
  public void read(MemorySegment segment, long index, float[] into) {
    switch (this) {
      case F32 ->
          MemorySegment.copy(
              segment, ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4, into, 0, into.length);
      case F16 -> readF16(segment, index, into);
      case BF16 -> readBf16(segment, index, into);
    }
  }

  /**
   * Rounds a value to this type and writes it.
   *
   * @param segment the memory, of any alignment
   * @param index the element's number from the segment's start
   */
  public void write(MemorySegment segment, long index, float value) {
    switch (this) {
      case F32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4, value);
      case F16 ->
          segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, Float.floatToFloat16(value));
      case BF16 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2, floatToBf16(value));
    }
  }

  /**
   * Rounds values to this type and writes them one behind the other.
   *
   * @param segment the memory, of any alignment
   * @param index the first element's number from the segment's start
   */
  public void write(MemorySegment segment, long index, float[] values) {
    switch (this) {
      case F32 ->
          MemorySegment.copy(
              values, 0, segment, ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4, values.length);
      case F16 -> writeF16(segment, index, values);
      case BF16 -> writeBf16(segment, index, values);
    }
  }

  // The loop of each type is a method of its own. As cases of one method, that of the type that a
  // JVM used last took 225 ns to read 128 elements and 265 to write them, where now it takes 34 and
  // 85 (BF16 behind the others, AMD EPYC).

  private static void readF16(MemorySegment segment, long index, float[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] =
          Float.float16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + i) * 2));
    }
  }

  private static void readBf16(MemorySegment segment, long index, float[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = bf16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + i) * 2));
    }
  }

  private static void writeF16(MemorySegment segment, long index, float[] values) {
    for (int i = 0; i < values.length; i++) {
      segment.set(
          ValueLayout.JAVA_SHORT_UNALIGNED, (index + i) * 2, Float.floatToFloat16(values[i]));
    }
  }

  private static void writeBf16(MemorySegment segment, long index, float[] values) {
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, (index + i) * 2, floatToBf16(values[i]));
    }
  }

  /** The value after rounding to this type. */
  public float round(float value) {
    return switch (this) {
      case F32 -> value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> bf16ToFloat(floatToBf16(value));
    };
  }

  /** The float whose upper half is {@code bits} and whose lower half is zero. */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to bfloat16, nearest, ties to even; NaN stays NaN. */
  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
