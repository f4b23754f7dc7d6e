package uk.ac.manchester.tornado.api.types;

/** Conversions between single precision and the bits of bfloat16 (the upper half of binary32). */
public final class BFloat16 {
  /** The largest finite number. */
  public static final float BF16_MAX = 3.3895314e38f;

  private static final int HALF_OF_LAST_BIT = 0x8000;
  private static final short NAN = 0x7FC0;

  private BFloat16() {}

  /** Returns the number of these bits, exactly; every NaN as the one of {@link Float#NaN}. */
  public static float bf16ToFloat(short bits) {
    float value = Float.intBitsToFloat(bits << 16);
    return Float.isNaN(value) ? Float.NaN : value;
  }

  /**
   * Returns the bits of the number nearest to {@code value}; a value half-way between two rounds
   * away from zero, as TornadoVM's own conversion does.
   */
  public static short bf16FromFloat(float value) {
    if (Float.isNaN(value)) {
      return NAN;
    }
    return (short) ((Float.floatToRawIntBits(value) + HALF_OF_LAST_BIT) >>> 16);
  }
}
