package io.github.hydragen.benchmarks.sharing;

import org.jspecify.annotations.Nullable;

/**
 * One point of the grid: what a step of so many sequences behind such a prefix takes. Times are
 * medians over rounds, in microseconds; losses are fractions, within rounds.
 *
 * @param batch sequences
 * @param prefix tokens that all share
 * @param chosen whether the engine shares
 * @param estimatedShared what the engine thinks that the shared pass takes
 * @param estimatedSeparate what it thinks that separate passes take
 * @param microsAuto the engine's choice
 * @param microsShared with sharing
 * @param microsSeparate without: each sequence reads the prefix in its own pass
 * @param microsOwn with the prefix in each sequence's own storage; null if not measured
 * @param loss how much longer the choice takes than what was not chosen
 * @param noise how much longer it takes than the same, chosen by force: nothing but noise
 * @param lossToOwn how much longer it takes than own storage; null if not measured
 * @param rounds in which all had their turn
 * @param jvms of its own, in which the point was measured again; 0 if the first measurement, in a
 *     JVM for all points, was clear
 */
record SharingCell(
    int batch,
    int prefix,
    boolean chosen,
    double estimatedShared,
    double estimatedSeparate,
    double microsAuto,
    double microsShared,
    double microsSeparate,
    @Nullable Double microsOwn,
    MedianInterval loss,
    MedianInterval noise,
    @Nullable MedianInterval lossToOwn,
    int rounds,
    int jvms) {
  /** What the choice may lose. */
  static final double BOUND = 0.05;

  /** Whether it is clear that the choice is not slower than the better way by more than that. */
  boolean isClear() {
    return loss.high() <= BOUND && noise.high() <= BOUND;
  }

  /** Whether what was not chosen was better by more than that, which may be chance. */
  boolean isSuspect() {
    return loss.median() > BOUND;
  }

  /** Whether it is clear that what was not chosen is better by more than that. */
  boolean isWrong() {
    return loss.low() > BOUND;
  }
}
