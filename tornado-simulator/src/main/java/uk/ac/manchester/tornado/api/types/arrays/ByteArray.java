package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** An off-heap array of 8-bit integers. */
public final class ByteArray extends TornadoNativeArray {
  private static final int BYTES = 1;

  /** Creates an array of zeros. */
  public ByteArray(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private ByteArray(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with these elements. */
  public static ByteArray fromArray(byte[] values) {
    ByteArray array = new ByteArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with these elements. */
  public static ByteArray fromElements(byte... values) {
    return fromArray(values);
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static ByteArray fromSegment(MemorySegment segment) {
    ByteArray array = new ByteArray(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static ByteArray fromSegmentShallow(MemorySegment segment) {
    return new ByteArray(segment);
  }

  /** Returns element {@code index}. */
  public byte get(int index) {
    return segment.get(ValueLayout.JAVA_BYTE, address(index));
  }

  /** Sets element {@code index}. */
  public void set(int index, byte value) {
    segment.set(ValueLayout.JAVA_BYTE, address(index), value);
  }

  /** Returns the half-precision number at byte {@code byteIndex}, which is even. */
  public HalfFloat getHalfFloat(int byteIndex) {
    checkHalf(byteIndex);
    return new HalfFloat(segment.get(ValueLayout.JAVA_SHORT, address(byteIndex)));
  }

  /** Sets the half-precision number at byte {@code byteIndex}, which is even. */
  public void setHalfFloat(int byteIndex, HalfFloat value) {
    checkHalf(byteIndex);
    segment.set(ValueLayout.JAVA_SHORT, address(byteIndex), value.getHalfFloatValue());
  }

  private static void checkHalf(int byteIndex) {
    if (byteIndex % 2 != 0) {
      throw new IllegalArgumentException(
          "Half-precision numbers lie at even bytes; got " + byteIndex);
    }
  }

  /** Sets every element to {@code value}. */
  public void init(byte value) {
    for (int i = 0; i < getSize(); i++) {
      set(i, value);
    }
  }

  /** Sets every element to zero. */
  @Override
  public void clear() {
    super.clear();
  }

  /** Returns the elements as a Java array. */
  public byte[] toHeapArray() {
    byte[] values = new byte[getSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public ByteArray slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
