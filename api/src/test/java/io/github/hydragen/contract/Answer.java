package io.github.hydragen.contract;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;

/**
 * Outputs and log-sum-exps of one call.
 *
 * @param out [tokens, queryHeads, headDim]
 * @param lse F32 [tokens, queryHeads]
 */
record Answer(Tensor out, Tensor lse) {
  /** Filled with NaN, so that what is not written shows. */
  static Answer unwritten(AttentionShape shape, long tokens, DataType type) {
    Arena arena = Arena.ofAuto();
    Tensor out = Tensor.allocate(arena, type, tokens, shape.queryHeads(), shape.headDim());
    Tensor lse = Tensor.allocate(arena, DataType.F32, tokens, shape.queryHeads());
    fill(out, Float.NaN);
    fill(lse, Float.NaN);
    return new Answer(out, lse);
  }

  static void fill(Tensor tensor, float value) {
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, value);
    }
  }

  /** Some rows. */
  Answer rows(long from, long to) {
    return new Answer(out.rows(from, to), lse.rows(from, to));
  }
}
