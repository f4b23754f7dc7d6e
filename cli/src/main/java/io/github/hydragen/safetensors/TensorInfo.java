package io.github.hydragen.safetensors;

import java.util.List;

/**
 * What a header says of a tensor.
 *
 * @param name its name
 * @param type its element type
 * @param shape sizes of the dimensions, outermost first, each 0 or more
 * @param begin its first byte, counted from the end of the header
 * @param end the byte behind its last
 */
public record TensorInfo(String name, ElementType type, List<Long> shape, long begin, long end) {
  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /**
   * The bytes that elements of a type in a shape take.
   *
   * @return -1 if that is more than 2^63 - 1 or not a whole number of bytes
   */
  static long bytes(ElementType type, List<Long> shape) {
    try {
      long bits = type.bits();
      for (long size : shape) {
        bits = Math.multiplyExact(bits, size);
      }
      return bits % 8 == 0 ? bits / 8 : -1;
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  /** The shape as an array. */
  public long[] dims() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** Type and shape, for messages. */
  @Override
  public String toString() {
    return Text.quote(name) + " is " + type + shape;
  }
}
