package io.github.hydragen;

/** How an element of a {@link Tensor} is stored. */
public enum DataType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary16: 11 bits of precision, largest finite value 65504. */
  F16(2),
  /** bfloat16: the upper half of a binary32, 8 bits of precision. */
  BF16(2);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
