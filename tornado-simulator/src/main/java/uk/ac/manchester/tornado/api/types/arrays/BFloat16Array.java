package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.BFloat16;

/** An off-heap array of bfloat16 numbers, as their bits. */
public final class BFloat16Array extends TornadoNativeArray {
  private static final int BYTES = 2;

  /** Creates an array of zeros. */
  public BFloat16Array(int numberOfElements) {
    super(numberOfElements, BYTES);
  }

  private BFloat16Array(MemorySegment segment) {
    super(segment, BYTES);
  }

  /** Returns a new array with the numbers of these bits. */
  public static BFloat16Array fromShorts(short... bits) {
    BFloat16Array array = new BFloat16Array(bits.length);
    for (int i = 0; i < bits.length; i++) {
      array.set(i, bits[i]);
    }
    return array;
  }

  /** Returns a new array with these numbers, rounded. */
  public static BFloat16Array fromFloats(float... values) {
    BFloat16Array array = new BFloat16Array(values.length);
    for (int i = 0; i < values.length; i++) {
      array.setFloat(i, values[i]);
    }
    return array;
  }

  /** Returns a new array with a copy of {@code segment}, which has no header. */
  public static BFloat16Array fromSegment(MemorySegment segment) {
    BFloat16Array array = new BFloat16Array(elements(segment.byteSize(), BYTES));
    array.copyFrom(segment);
    return array;
  }

  /** Returns an array over {@code segment}, which starts with room for the header. */
  public static BFloat16Array fromSegmentShallow(MemorySegment segment) {
    return new BFloat16Array(segment);
  }

  /** Returns element {@code index}. */
  public short get(int index) {
    return segment.get(ValueLayout.JAVA_SHORT, address(index));
  }

  /** Sets element {@code index}. */
  public void set(int index, short bits) {
    segment.set(ValueLayout.JAVA_SHORT, address(index), bits);
  }

  /** Returns element {@code index} as a single-precision number. */
  public float getFloat(int index) {
    return BFloat16.bf16ToFloat(get(index));
  }

  /** Sets element {@code index} to {@code value}, rounded. */
  public void setFloat(int index, float value) {
    set(index, BFloat16.bf16FromFloat(value));
  }

  /** Sets every element to {@code bits}. */
  public void init(short bits) {
    for (int i = 0; i < getSize(); i++) {
      set(i, bits);
    }
  }

  /** Sets every element to zero. */
  @Override
  public void clear() {
    super.clear();
  }

  /** Returns the bits of the elements. */
  public short[] toShortArray() {
    short[] bits = new short[getSize()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = get(i);
    }
    return bits;
  }

  /** Returns a copy of {@code length} elements from {@code offset} on. */
  public BFloat16Array slice(int offset, int length) {
    return fromSegment(elementsFrom(offset, length));
  }
}
