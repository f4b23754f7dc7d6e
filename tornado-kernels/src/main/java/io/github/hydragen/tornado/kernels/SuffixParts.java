package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/**
 * How a suffix is cut into parts, for the host and for kernels alike: all have the same number of
 * keys, but for the last ones, which have what is left.
 */
public final class SuffixParts {
  private SuffixParts() {}

  /** The keys of a part that is not one of the last. */
  public static int size(int length, int parts) {
    return (length + parts - 1) / parts;
  }

  /** The keys before a part. */
  public static int offset(int length, int part, int size) {
    return TornadoMath.min(length, part * size);
  }

  /** The keys of a part that has so many before it, 0 or more. */
  public static int keys(int length, int offset, int size) {
    return TornadoMath.min(length - offset, size);
  }
}
