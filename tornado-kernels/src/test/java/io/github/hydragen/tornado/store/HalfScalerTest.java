package io.github.hydragen.tornado.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.DataType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every number of 16 bits, scaled, is what the multiplication of floats makes of it. */
class HalfScalerTest {
  @ParameterizedTest
  @CsvSource({
    "BF16, 0",
    "BF16, 3",
    "BF16, -7",
    "BF16, 12",
    "BF16, -100",
    "BF16, 100",
    "F16, 0",
    "F16, 2",
    "F16, -5",
    "F16, 17",
    "F16, -14",
    "F16, -40",
    "F16, 100"
  })
  void isTheRoundedProduct(DataType type, int exponent) {
    float factor = Math.scalb(1.0f, exponent);
    // The largest number whose product has room.
    float largest = 0;
    for (int bits = 0; bits < 0x7fff; bits++) {
      float number = HalfScaler.toFloat(type, bits);
      largest = number * factor < 1 << 15 ? Math.max(largest, number) : largest;
    }
    HalfScaler bounded = new HalfScaler(type, exponent, largest);
    HalfScaler any = new HalfScaler(type, exponent, Float.POSITIVE_INFINITY);
    HalfScaler none = new HalfScaler(type, exponent, Float.NaN);
    int normal = 0;
    for (int bits = 0; bits < 1 << 16; bits++) {
      float number = HalfScaler.toFloat(type, bits);
      long four = 0x3c00L << 48 | (long) bits << 32 | 0x8001L << 16 | bits;
      check(type, factor, any, four, 0, 0x8000);
      check(type, factor, none, 0x0001_0001_0001_0001L * bits);
      if (Math.abs(number) <= largest) {
        normal += check(type, factor, bounded, (long) bits << 32 | bits);
        normal += check(type, factor, bounded, 0x0001_0001_0001_0001L * bits);
      }
    }
    boolean some = largest * factor >= Float.float16ToFloat((short) 0x0400);
    assertEquals(some, normal > 0, "whether any product is normal");
  }

  /** Checks products, and returns 1 if none was made of a float. */
  private static int check(DataType type, float factor, HalfScaler scaler, long... numbers) {
    long[] products = numbers.clone();
    boolean normal = scaler.scaleNormal(products);
    if (!normal) {
      System.arraycopy(numbers, 0, products, 0, numbers.length);
      scaler.scaleAny(products);
    }
    for (int i = 0; i < numbers.length; i++) {
      for (int at = 0; at < Long.SIZE; at += Short.SIZE) {
        float number = HalfScaler.toFloat(type, (int) (numbers[i] >>> at));
        short expected = Float.floatToFloat16(number * factor);
        assertEquals(expected, (short) (products[i] >>> at), () -> number + " times " + factor);
      }
    }
    return normal ? 1 : 0;
  }
}
