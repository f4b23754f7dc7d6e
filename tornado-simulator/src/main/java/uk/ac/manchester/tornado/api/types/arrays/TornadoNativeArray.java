package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An off-heap array of a fixed number of elements, behind a header of {@link #ARRAY_HEADER} bytes
 * whose first four hold the number of elements. At most 2^31 - 1 elements.
 */
public abstract sealed class TornadoNativeArray
    permits ByteArray, FloatArray, HalfFloatArray, IntArray, LongArray, ShortArray, BFloat16Array {

  /** Bytes before the first element. Not a compile-time constant, as in TornadoVM. */
  public static final long ARRAY_HEADER = Long.getLong("tornado.panama.objectHeader", 16L);

  private static final long ALIGNMENT = 64;

  final MemorySegment segment;
  private final int size;
  private final int elementSize;

  TornadoNativeArray(int size, int elementSize) {
    this.segment = Arena.ofAuto().allocate(ARRAY_HEADER + (long) size * elementSize, ALIGNMENT);
    this.size = size;
    this.elementSize = elementSize;
    writeHeader();
  }

  /** A view of {@code segment}, which starts with room for the header. */
  TornadoNativeArray(MemorySegment segment, int elementSize) {
    this.segment = segment;
    this.size = elements(segment.byteSize() - ARRAY_HEADER, elementSize);
    this.elementSize = elementSize;
    writeHeader();
  }

  private void writeHeader() {
    segment.set(ValueLayout.JAVA_INT, 0, size);
  }

  static int elements(long byteSize, int elementSize) {
    if (byteSize % elementSize != 0) {
      throw new IllegalArgumentException(
          "The byte size (%d) is not a multiple of the element size (%d)"
              .formatted(byteSize, elementSize));
    }
    return Math.toIntExact(byteSize / elementSize);
  }

  /** Copies {@code source}, which has no header, into this array. */
  void copyFrom(MemorySegment source) {
    MemorySegment.copy(source, 0, segment, ARRAY_HEADER, source.byteSize());
  }

  MemorySegment elementsFrom(int offset, int length) {
    if (offset < 0 || length < 0 || (long) offset + length > size) {
      throw new IllegalArgumentException(
          "Slice of %d elements from %d is not within the %d of the array"
              .formatted(length, offset, size));
    }
    return segment.asSlice(address(offset), (long) length * elementSize);
  }

  final long address(int index) {
    return ARRAY_HEADER + (long) index * elementSize;
  }

  /** Returns the number of elements. */
  public int getSize() {
    return size;
  }

  /** Returns the elements, without the header. */
  public MemorySegment getSegment() {
    return segment.asSlice(ARRAY_HEADER);
  }

  /** Returns the header and the elements. */
  public MemorySegment getSegmentWithHeader() {
    return segment;
  }

  /** Returns the size in bytes of the header and the elements. */
  public long getNumBytesOfSegmentWithHeader() {
    return segment.byteSize();
  }

  /** Returns the size in bytes of the elements. */
  public long getNumBytesOfSegment() {
    return segment.byteSize() - ARRAY_HEADER;
  }

  /** Returns the size in bytes of one element. */
  public int getElementSize() {
    return elementSize;
  }

  /** Sets every element to zero. */
  protected void clear() {
    getSegment().fill((byte) 0);
  }
}
