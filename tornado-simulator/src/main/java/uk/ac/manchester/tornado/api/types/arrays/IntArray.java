package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An off-heap array of 32-bit integers. */
public final class IntArray extends TornadoNativeArray {
  private static final int BYTES = 4;

  /** Creates an array of zeros. */
  public IntArray(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private IntArray(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with these elements. */
  public static IntArray fromArray(int[] values) {
    IntArray array = new IntArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with these elements. */
  public static IntArray fromElements(int... values) {
    return fromArray(values);
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static IntArray fromSegment(MemorySegment segment) {
    IntArray array = new IntArray(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static IntArray fromSegmentShallow(MemorySegment segment) {
    return new IntArray(segment);
  }

  /** Returns element {@code index}. */
  public int get(int index) {
    return segment.get(ValueLayout.JAVA_INT, address(index));
  }

  /** Sets element {@code index}. */
  public void set(int index, int value) {
    segment.set(ValueLayout.JAVA_INT, address(index), value);
  }

  /** Sets every element to {@code value}. */
  public void init(int value) {
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
  public int[] toHeapArray() {
    int[] values = new int[getSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public IntArray slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
