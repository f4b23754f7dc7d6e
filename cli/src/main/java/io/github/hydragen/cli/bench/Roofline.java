package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DeviceLimits;

/**
 * The least time that the limits of a device allow.
 *
 * <p>A step takes at least the longer of its arithmetic, {@code 4 * headDim} operations for each
 * query row and key that it sees (two products of a multiplication and an addition each), and its
 * traffic, every stored key and value that it needs once, in each of its layers. The passes over
 * the prefix, bound by arithmetic, and over the suffixes, bound by traffic, may overlap: so their
 * sums are compared, and not the longer ones of each added.
 */
record Roofline(DeviceLimits limits) {
  /** The least microseconds of a step that attends to a suffix of {@code length} tokens. */
  double stepMicros(Workload workload, Method method, int length) {
    AttentionShape shape = workload.shape();
    double keys = (double) workload.prefix() + length;
    double rows = (double) workload.batch() * shape.queryHeads();
    double tokens = workload.batch() * (method == Method.FLASH ? keys : length);
    if (method == Method.HYDRAGEN) {
      tokens += workload.prefix();
    }
    double arithmetic = 4 * rows * keys * shape.headDim() / limits.flopsPerSecond();
    double traffic = tokens * workload.tokenBytes() / limits.bytesPerSecond();
    return 1e6 * workload.layers() * Math.max(arithmetic, traffic);
  }

  /** The part of the limit that a whole run reaches, 0 to 1 (above 1 if the limits are wrong). */
  double fraction(Workload workload, Method method, double totalSeconds) {
    double least = 0;
    for (int length = 1; length <= workload.output(); length++) {
      least += stepMicros(workload, method, length);
    }
    return least / (1e6 * totalSeconds);
  }
}
