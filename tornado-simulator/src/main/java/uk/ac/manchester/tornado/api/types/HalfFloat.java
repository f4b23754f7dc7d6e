package uk.ac.manchester.tornado.api.types;

/** A half-precision number (IEEE 754 binary16). Every operation rounds its result. */
public class HalfFloat {
  private final short bits;

  /** Creates the number nearest to {@code halfFloat}. */
  public HalfFloat(float halfFloat) {
    this.bits = Float.floatToFloat16(halfFloat);
  }

  /** Creates the number of these bits. */
  public HalfFloat(short halfFloat) {
    this.bits = halfFloat;
  }

  /** Returns {@code a + b}. */
  public static HalfFloat add(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() + b.getFloat32());
  }

  /** Returns {@code a - b}. */
  public static HalfFloat sub(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() - b.getFloat32());
  }

  /** Returns {@code a * b}. */
  public static HalfFloat mult(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() * b.getFloat32());
  }

  /** Returns {@code a / b}. */
  public static HalfFloat div(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() / b.getFloat32());
  }

  /** Returns the bits. */
  public short getHalfFloatValue() {
    return bits;
  }

  /** Returns the number in single precision, exactly. */
  public float getFloat32() {
    return Float.float16ToFloat(bits);
  }

  @Override
  public String toString() {
    return "HalfFloat: " + getFloat32();
  }
}
