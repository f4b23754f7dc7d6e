package io.github.hydragen.cpu.simd;

/**
 * {@code 2^x} for {@code x <= 0}: {@code x = n + f} with {@code n} whole and {@code |f| <= 1/2}, a
 * polynomial for {@code 2^f}, and {@code n} added to the exponent bits. Below -126 results lose
 * their precision, and are at most {@code 2^-126}.
 *
 * <p>The polynomial was fitted for the least relative error: 9.2e-8 before rounding.
 */
public final class Exp2 {
  /**
   * Added and subtracted, it rounds to whole numbers; added alone, the low bits hold the number.
   */
  static final float ROUND = 0x1.8p23f;

  /**
   * Smaller arguments count as this, whose result is 0: a key that is masked has no part in the
   * outputs, however large its value.
   */
  static final float SMALLEST = -127f;

  static final float C1 = 0.693147f;
  static final float C2 = 0.24022242f;
  static final float C3 = 0.055507336f;
  static final float C4 = 0.009671513f;
  static final float C5 = 0.0013264727f;

  private Exp2() {}

  /** The power of one number, 0 or less. */
  public static float of(float x) {
    float y = x < SMALLEST ? SMALLEST : x;
    float rounded = y + ROUND;
    float f = y - (rounded - ROUND);
    float p = (((((C5 * f) + C4) * f + C3) * f + C2) * f + C1) * f + 1f;
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << 23));
  }
}
