package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class DataTypeTest {
  /** Precision in bits, the hidden one included; smallest exponent of a normal number; largest. */
  private static float naive(DataType type, float value) {
    return type == DataType.F16 ? naive(value, 11, -14, 15) : naive(value, 8, -126, 127);
  }

  /** Rounds to a multiple of the unit in the last place, by integer arithmetic in double. */
  private static float naive(float value, int precision, int minExponent, int maxExponent) {
    if (Float.isNaN(value) || Float.isInfinite(value) || value == 0) {
      return value;
    }
    int exponent = Math.max(Math.getExponent((double) value), minExponent);
    double unit = Math.scalb(1.0, exponent - precision + 1);
    double rounded = Math.rint(value / unit) * unit;
    double most = (2 - Math.scalb(1.0, 1 - precision)) * Math.scalb(1.0, maxExponent);
    return (float)
        (Math.abs(rounded) > most ? Math.copySign(Double.POSITIVE_INFINITY, value) : rounded);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "F32")
  void roundsAsTheDefinitionSays(DataType type) {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 500_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      check(type, value);
      // Where F16 has values too, and exactly between two of them.
      float near = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-26, 18)));
      check(type, near);
      check(type, Float.intBitsToFloat((Float.floatToRawIntBits(near) & 0xfffff000) | 0x1000));
      check(type, Float.intBitsToFloat((Float.floatToRawIntBits(near) & 0xffff0000) | 0x8000));
    }
  }

  private static void check(DataType type, float value) {
    float expected = naive(type, value);
    float actual = type.round(value);
    assertEquals(expected, actual, () -> type + " of " + Float.toHexString(value));
  }

  @ParameterizedTest
  @EnumSource
  void specialValues(DataType type) {
    for (float value :
        new float[] {0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1, -2}) {
      assertEquals(value, type.round(value));
    }
    // A NaN whose payload lies in the bits that are dropped.
    assertTrue(Float.isNaN(type.round(Float.intBitsToFloat(0x7f800001))));
    assertTrue(Float.isNaN(type.round(Float.intBitsToFloat(0xffffffff))));
  }

  @Test
  void whatIsTooLargeIsInfinite() {
    assertEquals(65504, DataType.F16.round(65519));
    assertEquals(Float.POSITIVE_INFINITY, DataType.F16.round(65520));
    assertEquals(Float.NEGATIVE_INFINITY, DataType.F16.round(-1e10f));
    assertEquals(Float.POSITIVE_INFINITY, DataType.BF16.round(Float.MAX_VALUE));
    assertEquals(Float.MAX_VALUE, DataType.F32.round(Float.MAX_VALUE));
  }

  @Test
  void subnormals() {
    assertEquals(0x1p-24f, DataType.F16.round(0x1p-24f));
    assertEquals(0, DataType.F16.round(0x1p-25f));
    assertEquals(0x1p-24f, DataType.F16.round(0x1.000002p-25f));
    assertEquals(0x1p-133f, DataType.BF16.round(0x1p-133f));
    assertEquals(0, DataType.BF16.round(0x1p-134f));
    assertEquals(Float.MIN_VALUE, DataType.F32.round(Float.MIN_VALUE));
  }

  @ParameterizedTest
  @EnumSource
  void everyStoredValueReadsBackWhateverItsAlignment(DataType type) {
    int bytes = type.bytes();
    MemorySegment segment = Arena.ofAuto().allocate(10L * bytes + 1, 64).asSlice(1);
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = DataType.bf16ToFloat((short) bits);
      float rounded = type.round(value);
      int index = bits % 10;
      type.write(segment, index, value);
      assertEquals(rounded, type.read(segment, index));
      assertEquals(rounded, type.round(rounded), "rounding twice is rounding once");
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyAreWrittenLikeOne(DataType type) {
    float[] values = {1.2345678f, -0.0f, 1e9f, Float.NaN, 3e-41f, 65519, -7};
    MemorySegment one = Arena.ofAuto().allocate(9L * type.bytes());
    MemorySegment many = Arena.ofAuto().allocate(9L * type.bytes());
    for (int i = 0; i < values.length; i++) {
      type.write(one, i + 1, values[i]);
    }
    type.write(many, 1, values);
    assertEquals(-1, one.mismatch(many));
  }
}
