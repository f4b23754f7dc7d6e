package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An off-heap array of 16-bit integers. */
public final class ShortArray extends TornadoNativeArray {
  private static final int BYTES = 2;

  /** Creates an array of zeros. */
  public ShortArray(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private ShortArray(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with these elements. */
  public static ShortArray fromArray(short[] values) {
    ShortArray array = new ShortArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with these elements. */
  public static ShortArray fromElements(short... values) {
    return fromArray(values);
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static ShortArray fromSegment(MemorySegment segment) {
    ShortArray array = new ShortArray(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static ShortArray fromSegmentShallow(MemorySegment segment) {
    return new ShortArray(segment);
  }

  /** Returns element {@code index}. */
  public short get(int index) {
    return segment.get(ValueLayout.JAVA_SHORT, address(index));
  }

  /** Sets element {@code index}. */
  public void set(int index, short value) {
    segment.set(ValueLayout.JAVA_SHORT, address(index), value);
  }

  /** Sets every element to {@code value}. */
  public void init(short value) {
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
  public short[] toHeapArray() {
    short[] values = new short[getSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public ShortArray slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
