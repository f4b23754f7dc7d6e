package io.github.hydragen.benchmarks;

import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import java.util.stream.IntStream;

/** Where a decode case's tokens come from; every contender is filled from here. */
public record Staging(SyntheticTokens tokens) {
  /** The stream of the prefix; that of a sequence is its number. */
  public static final long PREFIX = -1;

  /**
   * Fills rows of one stream.
   *
   * @param into [tokens, heads, headDim] in the type of the synthetic tokens
   */
  public void fill(Kind kind, long stream, int firstPosition, Tensor into) {
    IntStream.range(0, (int) into.size(0))
        .parallel()
        .forEach(
            t -> {
              Tensor row = into.rows(t, t + 1L);
              tokens.copy(kind, stream, firstPosition + t, row.segment());
            });
  }

  /**
   * Fills one token of every sequence.
   *
   * @param shared whether all take the prefix's tokens
   * @param into [batch, heads, headDim]
   */
  public void fillBatch(Kind kind, boolean shared, int position, Tensor into) {
    IntStream.range(0, (int) into.size(0))
        .parallel()
        .forEach(
            s -> {
              Tensor row = into.rows(s, s + 1L);
              tokens.copy(kind, shared ? PREFIX : s, position, row.segment());
            });
  }
}
