package io.github.hydragen.benchmarks.compare;

import org.jspecify.annotations.Nullable;

/**
 * One contender in one case, as it is exported.
 *
 * @param section what it was measured for
 * @param contender a short name
 * @param library what it is, with its version
 * @param choice what it chose to do; empty if there was nothing to choose
 * @param batch sequences
 * @param prefix tokens that all share; 0 for the pass over the suffixes alone
 * @param suffix tokens of each sequence's own; 0 for the pass over the prefix alone
 * @param queryHeads query heads
 * @param kvHeads key/value heads
 * @param headDim elements of a head
 * @param dtype how keys and values are stored: f32, f16, bf16
 * @param threads that computed
 * @param samples steps that were timed; 0 if skipped
 * @param stepMicros times of a step, or null if skipped
 * @param maxAbsError largest difference of an output from the exact reference, or null
 * @param maxLseError the same of a log-sum-exp, or null
 * @param kvBytes keys and values alone, or null from one that does not count
 * @param heldBytes all that it holds, or null likewise
 * @param limits what the machine did at best, measured between the steps
 * @param skipped why there is no measurement, or null
 */
public record Result(
    Section section,
    String contender,
    String library,
    String choice,
    int batch,
    int prefix,
    int suffix,
    int queryHeads,
    int kvHeads,
    int headDim,
    String dtype,
    int threads,
    int samples,
    @Nullable StepMicros stepMicros,
    @Nullable Double maxAbsError,
    @Nullable Double maxLseError,
    @Nullable Long kvBytes,
    @Nullable Long heldBytes,
    Limits limits,
    @Nullable String skipped) {

  /**
   * Microseconds of a step.
   *
   * @param median half were faster
   * @param p10 a tenth were faster
   * @param p90 a tenth were slower
   * @param p99 a hundredth were slower
   */
  public record StepMicros(double median, double p10, double p90, double p99) {}

  /**
   * Medians of rounds.
   *
   * @param flopsPerSecond fp32 multiplications and additions
   * @param bytesPerSecond read from memory
   */
  public record Limits(double flopsPerSecond, double bytesPerSecond) {}

  /** Multiplications and additions of a step. */
  public double flops() {
    return 4.0 * batch * queryHeads * ((double) prefix + suffix) * headDim;
  }

  /** Bytes of the keys and values that a step reads with the prefix shared. */
  public double bytes() {
    return ((double) prefix + (double) batch * suffix) * tokenBytes();
  }

  /** Bytes that it reads where every sequence has its own copy of the prefix. */
  public double unsharedBytes() {
    return (double) batch * (prefix + suffix) * tokenBytes();
  }

  private double tokenBytes() {
    return 2.0 * kvHeads * headDim * (dtype.equals("f32") ? 4 : 2);
  }
}
