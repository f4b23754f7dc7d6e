package io.github.hydragen.cpu.simd;

import io.github.hydragen.DataType;

/**
 * How a 16-bit number in the upper half of a word becomes a float on vectors of words.
 *
 * <p>Shifted right by the difference of the exponents' widths and masked, it is one: for BF16 (no
 * shift) the value itself, for F16 (by 3) the value times 2^-112, subnormals included, because a
 * half's bias is 15 and a float's 127. Powers of two make up for that. Infinities and NaN have no
 * such image: a store that holds any is read by the scalar loops.
 */
public final class Half {
  /** The part of F16's factor that queries take: all of it could overflow large ones. */
  public static final float QUERY_FACTOR = 0x1p64f;

  private Half() {}

  /** Right shift that moves exponent and mantissa to where a float has them. */
  static int shift(DataType type) {
    return type == DataType.F16 ? 3 : 0;
  }

  /** Keeps the sign, the exponent and the mantissa. */
  static int mask(DataType type) {
    return type == DataType.F16 ? 0x8fffe000 : 0xffff0000;
  }

  /** What shifted and masked bits have to be multiplied by. */
  static float factor(DataType type) {
    return type == DataType.F16 ? 0x1p112f : 1;
  }
}
