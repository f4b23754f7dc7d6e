package io.github.hydragen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A dense, row-major view of caller-owned memory with an element type and a shape.
 *
 * <p>The memory may be off-heap or a heap array, of any alignment, in the machine's byte order. A
 * tensor owns nothing: it is as valid as its segment.
 */
public final class Tensor {
  private final MemorySegment segment;
  private final DataType type;
  private final long[] shape;
  private final long elements;

  private Tensor(MemorySegment segment, DataType type, long[] shape) {
    this.segment = segment;
    this.type = type;
    this.shape = shape;
    this.elements = elements(shape);
    if (elements > Long.MAX_VALUE / type.bytes() || segment.byteSize() != elements * type.bytes()) {
      throw new IllegalArgumentException(
          "a segment of "
              + segment.byteSize()
              + " bytes does not hold shape "
              + Arrays.toString(shape)
              + " of "
              + type
              + ", which takes "
              + elements
              + " x "
              + type.bytes()
              + " bytes");
    }
  }

  /**
   * A view of a segment.
   *
   * @param segment exactly the elements' bytes
   * @param shape sizes of the dimensions, outermost first, each 0 or more
   * @throws IllegalArgumentException if the segment's size is not that of the shape
   */
  public static Tensor of(MemorySegment segment, DataType type, long... shape) {
    return new Tensor(segment, type, shape.clone());
  }

  /** A view of an array as F32. */
  public static Tensor of(float[] array, long... shape) {
    return of(MemorySegment.ofArray(array), DataType.F32, shape);
  }

  /** A new tensor of zeros, 64-byte aligned, that lives as long as the arena. */
  public static Tensor allocate(Arena arena, DataType type, long... shape) {
    long elements = elements(shape);
    if (elements > Long.MAX_VALUE / type.bytes()) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " of " + type + " has more than 2^63 - 1 bytes");
    }
    return of(arena.allocate(elements * type.bytes(), 64), type, shape);
  }

  private static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " has a negative size");
      }
      try {
        product = Math.multiplyExact(product, size);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(shape) + " has more than 2^63 - 1 elements", e);
      }
    }
    return product;
  }

  /** The memory. */
  public MemorySegment segment() {
    return segment;
  }

  /** The element type. */
  public DataType type() {
    return type;
  }

  /** The number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** The size of dimension {@code i}, outermost first. */
  public long size(int i) {
    return shape[i];
  }

  /** A copy of the shape. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements. */
  public long elements() {
    return elements;
  }

  /** The element at a row-major position, as a float. */
  public float get(long index) {
    return type.read(segment, index);
  }

  /** Rounds a value to the element type and writes it at a row-major position. */
  public void set(long index, float value) {
    type.write(segment, index, value);
  }

  /** Copies elements from a row-major position on, until {@code into} is full. */
  public void get(long index, float[] into) {
    type.read(segment, index, into);
  }

  /** Rounds values to the element type and writes them from a row-major position on. */
  public void set(long index, float[] values) {
    type.write(segment, index, values);
  }

  /** The same memory with another shape of as many elements. */
  public Tensor reshape(long... newShape) {
    return of(segment, type, newShape);
  }

  /**
   * Rows {@code from} (inclusive) to {@code to} (exclusive) of the outermost dimension, as a view.
   */
  public Tensor rows(long from, long to) {
    if (shape.length == 0 || from < 0 || to < from || to > shape[0]) {
      throw new IllegalArgumentException("rows " + from + " to " + to + " are not in " + this);
    }
    long[] rows = shape.clone();
    rows[0] = to - from;
    long rowBytes = shape[0] == 0 ? 0 : segment.byteSize() / shape[0];
    return new Tensor(segment.asSlice(from * rowBytes, (to - from) * rowBytes), type, rows);
  }

  /**
   * Copies the elements to an array.
   *
   * @throws IllegalArgumentException if there are more than an array holds
   */
  public float[] toFloats() {
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(this + " is too large for an array: copy it in rows");
    }
    float[] floats = new float[(int) elements];
    get(0, floats);
    return floats;
  }

  boolean hasShape(long... expected) {
    return Arrays.equals(shape, expected);
  }

  /** Type and shape, for messages. */
  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
