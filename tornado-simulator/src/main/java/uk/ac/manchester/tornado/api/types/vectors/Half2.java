package uk.ac.manchester.tornado.api.types.vectors;

import uk.ac.manchester.tornado.api.types.HalfFloat;

/** Two half-precision numbers in 32 bits. Every operation rounds each of its results. */
public final class Half2 {
  private short x;
  private short y;

  /** Creates a pair of zeros. */
  public Half2() {}

  /** Creates the pair of {@code x} and {@code y}. */
  public Half2(HalfFloat x, HalfFloat y) {
    setX(x);
    setY(y);
  }

  /** Returns {@code a + b}, by element. */
  public static Half2 add(Half2 a, Half2 b) {
    return new Half2(HalfFloat.add(a.getX(), b.getX()), HalfFloat.add(a.getY(), b.getY()));
  }

  /** Returns {@code a - b}, by element. */
  public static Half2 sub(Half2 a, Half2 b) {
    return new Half2(HalfFloat.sub(a.getX(), b.getX()), HalfFloat.sub(a.getY(), b.getY()));
  }

  /** Returns {@code a * b}, by element. */
  public static Half2 mult(Half2 a, Half2 b) {
    return new Half2(HalfFloat.mult(a.getX(), b.getX()), HalfFloat.mult(a.getY(), b.getY()));
  }

  /** Returns {@code a * b}, by element. */
  public static Half2 mult(Half2 a, HalfFloat b) {
    return new Half2(HalfFloat.mult(a.getX(), b), HalfFloat.mult(a.getY(), b));
  }

  /** Returns {@code a * b + c}, by element, the product rounded as well. */
  public static Half2 fma(Half2 a, Half2 b, Half2 c) {
    return add(mult(a, b), c);
  }

  /** Returns the pair of {@code x} and {@code y}, rounded. */
  public static Half2 fromFloats(float x, float y) {
    return new Half2(new HalfFloat(x), new HalfFloat(y));
  }

  /** Returns the first element in single precision. */
  public static float lowFloat(Half2 a) {
    return a.getX().getFloat32();
  }

  /** Returns the second element in single precision. */
  public static float highFloat(Half2 a) {
    return a.getY().getFloat32();
  }

  /** Returns the first element. */
  public HalfFloat getX() {
    return new HalfFloat(x);
  }

  /** Sets the first element. */
  public void setX(HalfFloat value) {
    x = value.getHalfFloatValue();
  }

  /** Returns the second element. */
  public HalfFloat getY() {
    return new HalfFloat(y);
  }

  /** Sets the second element. */
  public void setY(HalfFloat value) {
    y = value.getHalfFloatValue();
  }

  /** Returns a copy. */
  public Half2 duplicate() {
    return new Half2(getX(), getY());
  }

  @Override
  public String toString() {
    return "<" + getX().getFloat32() + ", " + getY().getFloat32() + ">";
  }
}
