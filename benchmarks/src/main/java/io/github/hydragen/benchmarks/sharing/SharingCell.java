package io.github.hydragen.benchmarks.sharing;

import org.jspecify.annotations.Nullable;

/**
 * One point of the grid: what a step of so many sequences behind such a prefix takes.
 *
 * @param batch sequences
 * @param prefix tokens that all share
 * @param chosen whether the engine shares
 * @param microsAuto the engine's choice, as all times a median, in microseconds
 * @param microsShared with sharing
 * @param microsSeparate without: each sequence reads the prefix in its own pass
 * @param microsOwn with the prefix in each sequence's own storage; null if not measured
 * @param lossToShared how much longer the choice takes than sharing, a fraction, median over rounds
 * @param lossToSeparate the same against not sharing
 * @param lossToOwn the same against own storage; null if not measured
 * @param rounds in which all had their turn
 * @param repeated whether a first measurement had a loss above the bound and this is the second
 */
record SharingCell(
    int batch,
    int prefix,
    boolean chosen,
    double microsAuto,
    double microsShared,
    double microsSeparate,
    @Nullable Double microsOwn,
    double lossToShared,
    double lossToSeparate,
    @Nullable Double lossToOwn,
    int rounds,
    boolean repeated) {
  /** How much longer the choice takes than the better of shared and separate. */
  double loss() {
    return Math.max(0, Math.max(lossToShared, lossToSeparate));
  }
}
