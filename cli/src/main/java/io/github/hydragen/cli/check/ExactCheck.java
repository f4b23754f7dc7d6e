package io.github.hydragen.cli.check;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import io.github.hydragen.reference.ExactAttention;
import java.util.List;

/** Compares rows of a result with the exact reference. */
public final class ExactCheck {
  private final SyntheticTokens tokens;
  private final AttentionShape shape;
  private final ExactAttention exact;
  private final float[] query;

  /** For results of an engine with these options. */
  public ExactCheck(SyntheticTokens tokens, AttentionShape shape, EngineOptions options) {
    this.tokens = tokens;
    this.shape = shape;
    this.exact = new ExactAttention(options, shape.headDim());
    this.query = new float[shape.headDim()];
  }

  /**
   * Compares one head of one new token.
   *
   * @param spans what its sequence sees, the new tokens included
   * @param stream the stream of the queries
   * @param position the token's position in that stream
   * @param fromEnd new tokens of the sequence from this one to the last, at least 1
   * @param row the token's row in {@code out} and {@code lse}
   * @param out [rows, queryHeads, headDim]
   * @param lse [rows, queryHeads]
   */
  public WorstError row(
      List<SyntheticKeys.Span> spans,
      long stream,
      long position,
      int fromEnd,
      long row,
      int head,
      Tensor out,
      Tensor lse) {
    int headDim = shape.headDim();
    tokens.read(Kind.QUERY, stream, position, head * headDim, query);
    SyntheticKeys keys = new SyntheticKeys(tokens, spans, head / shape.groupSize(), headDim);
    double exactLse = exact.attend(query, keys.length() - (long) fromEnd, keys);
    long index = row * shape.queryHeads() + head;
    WorstError worst = WorstError.ofLse(lse.get(index), exactLse);
    for (int e = 0; e < headDim; e++) {
      worst = worst.max(WorstError.ofOut(out.get(index * headDim + e), exact.out()[e]));
    }
    return worst;
  }
}
