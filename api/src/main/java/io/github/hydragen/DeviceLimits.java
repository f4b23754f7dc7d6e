package io.github.hydragen;

/**
 * What a device can do at best, as measured on it.
 *
 * @param flopsPerSecond fp32 multiplications and additions of independent fused operations
 * @param bytesPerSecond read from memory, in order, from far more than its caches hold
 */
public record DeviceLimits(double flopsPerSecond, double bytesPerSecond) {
  /** Checks that both are finite and positive. */
  public DeviceLimits {
    if (!(flopsPerSecond > 0 && flopsPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("flopsPerSecond " + flopsPerSecond + " must be positive");
    }
    if (!(bytesPerSecond > 0 && bytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("bytesPerSecond " + bytesPerSecond + " must be positive");
    }
  }
}
