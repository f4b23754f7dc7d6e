package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An off-heap array of 64-bit integers. */
public final class LongArray extends TornadoNativeArray {
  private static final int BYTES = 8;

  /** Creates an array of zeros. */
  public LongArray(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private LongArray(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with these elements. */
  public static LongArray fromArray(long[] values) {
    LongArray array = new LongArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with these elements. */
  public static LongArray fromElements(long... values) {
    return fromArray(values);
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static LongArray fromSegment(MemorySegment segment) {
    LongArray array = new LongArray(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static LongArray fromSegmentShallow(MemorySegment segment) {
    return new LongArray(segment);
  }

  /** Returns element {@code index}. */
  public long get(int index) {
    return segment.get(ValueLayout.JAVA_LONG, address(index));
  }

  /** Sets element {@code index}. */
  public void set(int index, long value) {
    segment.set(ValueLayout.JAVA_LONG, address(index), value);
  }

  /** Sets every element to {@code value}. */
  public void init(long value) {
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
  public long[] toHeapArray() {
    long[] values = new long[getSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public LongArray slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
