package io.github.hydragen.simulator.runtime;

import java.util.Locale;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** What the operands of a matrix instruction are made of; registers have 32 bits. */
enum MatrixNumbers {
  F16(MMAShape.M16N8K16),
  BF16(MMAShape.M16N8K16),
  INT8(MMAShape.M16N8K32),
  E4M3(MMAShape.M16N8K32),
  E5M2(MMAShape.M16N8K32);

  private final MMAShape shape;

  MatrixNumbers(MMAShape shape) {
    this.shape = shape;
  }

  MMAShape shape() {
    return shape;
  }

  /** Numbers of a register. */
  int perRegister() {
    return shape == MMAShape.M16N8K16 ? 2 : 4;
  }

  /** Columns of A, which are rows of B. */
  int depth() {
    return 8 * perRegister();
  }

  /** Returns number {@code i} of a fragment: exact, also of 8-bit integers. */
  float get(Object fragment, int i) {
    return switch (this) {
      case F16 -> ((HalfFloat[]) fragment)[i].getFloat32();
      case BF16 -> BFloat16.bf16ToFloat(((HalfFloat[]) fragment)[i].getHalfFloatValue());
      case INT8 -> ((byte[]) fragment)[i];
      case E4M3 -> e4m3(((byte[]) fragment)[i]);
      // The upper half of a number in half precision.
      case E5M2 -> new HalfFloat((short) (((byte[]) fragment)[i] << Byte.SIZE)).getFloat32();
    };
  }

  /**
   * Returns the value of a sign, 4 bits of exponent with bias 7 and 3 of mantissa, as the OCP 8-bit
   * floating point specification has it: without infinities, and with one NaN of each sign.
   */
  private static float e4m3(byte bits) {
    int exponent = (bits >> 3) & 15;
    int mantissa = bits & 7;
    float magnitude;
    if (exponent == 15 && mantissa == 7) {
      magnitude = Float.NaN;
    } else if (exponent == 0) {
      magnitude = Math.scalb((float) mantissa, -9);
    } else {
      magnitude = Math.scalb(8f + mantissa, exponent - 10);
    }
    return bits < 0 ? -magnitude : magnitude;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT) + " numbers";
  }
}
