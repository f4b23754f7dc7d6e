package io.github.hydragen.benchmarks.compare;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Staging;
import io.github.hydragen.cli.check.ExactCheck;
import io.github.hydragen.cli.check.SyntheticKeys.Span;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.WorstError;
import java.util.List;
import java.util.SplittableRandom;

/** Compares random rows of a contender's result with the exact reference. */
final class RowCheck {
  private static final int ROWS = 24;

  private RowCheck() {}

  /** The worst of some rows of the last step. */
  static WorstError of(DecodeCase c, SyntheticTokens tokens, Contender contender) {
    ExactCheck check = new ExactCheck(tokens, c.shape(), EngineOptions.defaults());
    SplittableRandom random = new SplittableRandom(ROWS);
    WorstError worst = WorstError.NONE;
    for (int i = 0; i < ROWS; i++) {
      int sequence = random.nextInt(c.batch());
      int head = random.nextInt(c.shape().queryHeads());
      List<Span> spans =
          List.of(new Span(Staging.PREFIX, c.prefix()), new Span(sequence, c.suffix()));
      WorstError row =
          check.row(spans, sequence, 0, 1, sequence, head, contender.out(), contender.lse());
      worst = worst.max(row);
    }
    return worst;
  }

  /**
   * Whether this is rounding and not a wrong result.
   *
   * <p>Libraries round probabilities, scores or outputs to the storage type. Outputs are the mean
   * of n standard-normal values with weights exp(s) of standard-normal scores: normal with variance
   * e / n. A wrong row is some standard deviations off, rounding a part of one.
   */
  static boolean isRounding(DecodeCase c, WorstError error) {
    double deviation = Math.sqrt(Math.E / (c.prefix() + c.suffix()));
    return switch (c.type()) {
      case F32 -> error.out() <= 2e-5 && error.lse() <= 2e-4;
      case F16 -> error.out() <= 0.02 * deviation && error.lse() <= 0.02;
      case BF16 -> error.out() <= 0.3 * deviation && error.lse() <= 0.15;
    };
  }
}
