package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/** An off-heap array of half-precision numbers. */
public final class HalfFloatArray extends TornadoNativeArray {
  private static final int BYTES = 2;

  /** Creates an array of zeros. */
  public HalfFloatArray(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private HalfFloatArray(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with these elements. */
  public static HalfFloatArray fromArray(HalfFloat[] values) {
    HalfFloatArray array = new HalfFloatArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with these elements. */
  public static HalfFloatArray fromElements(HalfFloat... values) {
    return fromArray(values);
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static HalfFloatArray fromSegment(MemorySegment segment) {
    HalfFloatArray array = new HalfFloatArray(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static HalfFloatArray fromSegmentShallow(MemorySegment segment) {
    return new HalfFloatArray(segment);
  }

  /** Returns element {@code index}. */
  public HalfFloat get(int index) {
    return new HalfFloat(segment.get(ValueLayout.JAVA_SHORT, address(index)));
  }

  /** Sets element {@code index}. */
  public void set(int index, HalfFloat value) {
    segment.set(ValueLayout.JAVA_SHORT, address(index), value.getHalfFloatValue());
  }

  /** Returns elements {@code index} and {@code index + 1}. */
  public Half2 getHalf2(int index) {
    checkPair(index);
    return new Half2(get(index), get(index + 1));
  }

  /** Sets elements {@code index} and {@code index + 1}. */
  public void setHalf2(int index, Half2 value) {
    checkPair(index);
    set(index, value.getX());
    set(index + 1, value.getY());
  }

  private void checkPair(int index) {
    if (index < 0 || index + 1 >= getSize()) {
      throw new IndexOutOfBoundsException(
          "Elements %d and %d are not within the %d of the array"
              .formatted(index, index + 1, getSize()));
    }
  }

  /** Sets every element to {@code value}. */
  public void init(HalfFloat value) {
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
  public HalfFloat[] toHeapArray() {
    HalfFloat[] values = new HalfFloat[getSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /** Returns the bits of the elements. */
  public short[] toShortArray() {
    short[] bits = new short[getSize()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = get(i).getHalfFloatValue();
    }
    return bits;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public HalfFloatArray slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
