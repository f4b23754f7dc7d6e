package io.github.hydragen.tornado.store;

import io.github.hydragen.DataType;

/**
 * Multiplies numbers of 16 bits by a power of two and makes half precision of them. Nearly always
 * that is an addition to their exponents, for four numbers a long at a time.
 */
final class HalfScaler {
  /** The signs of four numbers. */
  private static final long SIGNS = 0x8000_8000_8000_8000L;

  /** A field of 16 bits, multiplied by this, is in all four. */
  private static final long ALL = 0x0001_0001_0001_0001L;

  private final DataType type;
  private final float factor;

  /** Whether products can be made by exponents at all. */
  private final boolean fits;

  /** The least number, without its sign, whose product is no subnormal number. */
  private final long least;

  /** What {@link #least} becomes, before the shift. */
  private final long leastProduct;

  private final int shift;

  /**
   * For numbers times {@code 2^exponent}.
   *
   * @param type F16 or BF16
   * @param largest the largest absolute of all numbers; its product should be below 2^15
   */
  HalfScaler(DataType type, int exponent, float largest) {
    this.type = type;
    factor = Math.scalb(1.0f, exponent);
    boolean bf16 = type == DataType.BF16;
    // By how much the exponent's field shrinks: BF16 has a bias of 127, F16 one of 15.
    int smaller = (bf16 ? 127 - 15 : 0) - exponent;
    int unit = bf16 ? 1 << 7 : 1 << 10;
    int first = Math.max(1, smaller + 1) * unit;
    fits = first < 0x7fff && Math.abs(largest) * factor < 1 << 15;
    least = first * ALL;
    leastProduct = (first - smaller * unit) * ALL;
    shift = bf16 ? 3 : 0;
  }

  /**
   * Makes products of numbers, four a long, if none of them is zero or subnormal.
   *
   * @return whether they are; else {@link #scaleAny} has to make them of the numbers
   */
  boolean scaleNormal(long[] numbers) {
    if (!fits) {
      return false;
    }
    long all = SIGNS;
    for (int i = 0; i < numbers.length; i++) {
      long four = numbers[i];
      long above = (four | SIGNS) - least;
      all &= above;
      numbers[i] = (four & SIGNS) | (((above & ~SIGNS) + leastProduct) << shift);
    }
    return all == SIGNS;
  }

  /** Makes products of numbers, four a long, rounded to half precision. */
  void scaleAny(long[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      long four = numbers[i];
      // Padding is zero.
      numbers[i] = (four & ~SIGNS) == 0 ? four : oneByOne(four);
    }
  }

  private long oneByOne(long four) {
    long products = 0;
    for (int at = 0; at < Long.SIZE; at += Short.SIZE) {
      short half = Float.floatToFloat16(toFloat(type, (int) (four >>> at)) * factor);
      products |= (half & 0xffffL) << at;
    }
    return products;
  }

  /** The number of a type whose bits are the lower 16 of some. */
  static float toFloat(DataType type, int bits) {
    return type == DataType.BF16
        ? DataType.bf16ToFloat((short) bits)
        : Float.float16ToFloat((short) bits);
  }
}
