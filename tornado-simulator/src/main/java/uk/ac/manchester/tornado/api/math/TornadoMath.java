package uk.ac.manchester.tornado.api.math;

/** Mathematical functions that every backend has. */
public class TornadoMath {
  /** Creates the holder of the functions, as TornadoVM's API allows. */
  public TornadoMath() {}

  /** Returns the smaller one. */
  public static float min(float a, float b) {
    return Math.min(a, b);
  }

  /** Returns the larger one. */
  public static float max(float a, float b) {
    return Math.max(a, b);
  }

  /** Returns the absolute value. */
  public static float abs(float a) {
    return Math.abs(a);
  }

  /** Returns {@code val}, or the bound it lies outside of. */
  public static float clamp(float val, float min, float max) {
    return Math.max(min, Math.min(max, val));
  }

  /** Returns the smaller one. */
  public static double min(double a, double b) {
    return Math.min(a, b);
  }

  /** Returns the larger one. */
  public static double max(double a, double b) {
    return Math.max(a, b);
  }

  /** Returns the absolute value. */
  public static double abs(double a) {
    return Math.abs(a);
  }

  /** Returns {@code val}, or the bound it lies outside of. */
  public static double clamp(double val, double min, double max) {
    return Math.max(min, Math.min(max, val));
  }

  /** Returns the smaller one. */
  public static long min(long a, long b) {
    return Math.min(a, b);
  }

  /** Returns the larger one. */
  public static long max(long a, long b) {
    return Math.max(a, b);
  }

  /** Returns the absolute value. */
  public static long abs(long a) {
    return Math.abs(a);
  }

  /** Returns {@code val}, or the bound it lies outside of. */
  public static long clamp(long val, long min, long max) {
    return Math.max(min, Math.min(max, val));
  }

  /** Returns the smaller one. */
  public static int min(int a, int b) {
    return Math.min(a, b);
  }

  /** Returns the larger one. */
  public static int max(int a, int b) {
    return Math.max(a, b);
  }

  /** Returns the absolute value. */
  public static int abs(int a) {
    return Math.abs(a);
  }

  /** Returns {@code val}, or the bound it lies outside of. */
  public static int clamp(int val, int min, int max) {
    return Math.max(min, Math.min(max, val));
  }

  /** Returns e to the power of {@code value}. */
  public static float exp(float value) {
    return (float) Math.exp(value);
  }

  /** Returns e to the power of {@code value}. */
  public static double exp(double value) {
    return Math.exp(value);
  }

  /** Returns the square root. */
  public static float sqrt(float value) {
    return (float) Math.sqrt(value);
  }

  /** Returns the square root. */
  public static double sqrt(double value) {
    return Math.sqrt(value);
  }

  /** Returns the natural logarithm. */
  public static float log(float value) {
    return (float) Math.log(value);
  }

  /** Returns the natural logarithm. */
  public static double log(double value) {
    return Math.log(value);
  }

  /** Returns the hyperbolic tangent. */
  public static float tanh(float value) {
    return (float) Math.tanh(value);
  }

  /** Returns the hyperbolic tangent. */
  public static double tanh(double value) {
    return Math.tanh(value);
  }

  /** Returns the largest whole number that is not larger. */
  public static float floor(float f) {
    return (float) Math.floor(f);
  }

  /** Returns the largest whole number that is not larger. */
  public static double floor(double f) {
    return Math.floor(f);
  }

  /** Returns the smallest whole number that is not smaller. */
  public static float ceil(float value) {
    return (float) Math.ceil(value);
  }

  /** Returns the smallest whole number that is not smaller. */
  public static double ceil(double value) {
    return Math.ceil(value);
  }

  /** Returns the cosine. */
  public static float cos(float angle) {
    return (float) Math.cos(angle);
  }

  /** Returns the cosine. */
  public static double cos(double angle) {
    return Math.cos(angle);
  }

  /** Returns the sine. */
  public static float sin(float angle) {
    return (float) Math.sin(angle);
  }

  /** Returns the sine. */
  public static double sin(double angle) {
    return Math.sin(angle);
  }

  /** Returns the sign: -1, 0 or 1. */
  public static float signum(float a) {
    return Math.signum(a);
  }

  /** Returns the sign: -1, 0 or 1. */
  public static double signum(double a) {
    return Math.signum(a);
  }

  /** Returns the logarithm to base 2. */
  public static float log2(float value) {
    return log(value) / log(2f);
  }

  /** Returns the logarithm to base 2. */
  public static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }

  /** Returns {@code a} to the power of {@code b}. */
  public static float pow(float a, float b) {
    return (float) Math.pow(a, b);
  }

  /** Returns {@code a} to the power of {@code b}. */
  public static double pow(double a, double b) {
    return Math.pow(a, b);
  }

  /** Returns the circle constant. */
  public static float floatPI() {
    return (float) Math.PI;
  }
}
