package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An off-heap array of single-precision numbers. */
public final class FloatArray extends TornadoNativeArray {
  private static final int BYTES = 4;

  /** Creates an array of zeros. */
  public FloatArray(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private FloatArray(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with these elements. */
  public static FloatArray fromArray(float[] values) {
    FloatArray array = new FloatArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with these elements. */
  public static FloatArray fromElements(float... values) {
    return fromArray(values);
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static FloatArray fromSegment(MemorySegment segment) {
    FloatArray array = new FloatArray(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static FloatArray fromSegmentShallow(MemorySegment segment) {
    return new FloatArray(segment);
  }

  /** Returns element {@code index}. */
  public float get(int index) {
    return segment.get(ValueLayout.JAVA_FLOAT, address(index));
  }

  /** Sets element {@code index}. */
  public void set(int index, float value) {
    segment.set(ValueLayout.JAVA_FLOAT, address(index), value);
  }

  /** Sets every element to {@code value}. */
  public void init(float value) {
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
  public float[] toHeapArray() {
    float[] values = new float[getSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public FloatArray slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
