package io.github.hydragen;

import java.util.List;

/**
 * What a batch's next step does with each prefix, and why.
 *
 * @param decisions one for each prefix with tokens that a sequence sees, ancestors first
 */
public record AttentionPlan(List<Decision> decisions) {
  /** Copies the list. */
  public AttentionPlan {
    decisions = List.copyOf(decisions);
  }

  /**
   * What is done with one prefix.
   *
   * @param depth 0 for a prefix without a parent
   * @param tokens its own tokens
   * @param sequences sequences that see it
   * @param shared whether one pass serves them all; otherwise each reads it by itself
   * @param sharedMicros estimated time of the shared pass in microseconds
   * @param separateMicros estimated time of the separate passes in microseconds
   */
  public record Decision(
      int depth,
      int tokens,
      int sequences,
      boolean shared,
      double sharedMicros,
      double separateMicros) {}
}
