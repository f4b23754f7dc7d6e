package io.github.hydragen.tornado.kernels;

/**
 * Key/value heads and the elements of each in one int: a task has 15 arguments at most, which the
 * passes over suffixes of groups would exceed.
 */
public final class KvShape {
  private static final int BITS = 16;

  private KvShape() {}

  /** Both numbers, each below 65,536. */
  public static int of(int heads, int dim) {
    return dim << BITS | heads;
  }

  static int heads(int kvShape) {
    return kvShape & (1 << BITS) - 1;
  }

  static int dim(int kvShape) {
    return kvShape >> BITS & (1 << BITS) - 1;
  }
}
