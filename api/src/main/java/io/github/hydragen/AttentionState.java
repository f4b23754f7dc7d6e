package io.github.hydragen;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/**
 * Partial results of attention over some keys: enough to merge them with those over other keys.
 *
 * <p>For scores {@code s_j} of a query and values {@code v_j} over a set of keys, {@code lse = ln
 * sum_j exp(s_j)} and {@code out = sum_j exp(s_j - lse) v_j}. Over no keys the state is empty: out
 * 0 and lse -infinity. Merging is associative and commutative with the empty state as identity:
 *
 * <pre>
 * lse = ln(exp(lse_a) + exp(lse_b))
 * out = exp(lse_a - lse) out_a + exp(lse_b - lse) out_b
 * </pre>
 *
 * <p>Source: Juravsky et al., <i>Hydragen</i>, arXiv:2402.05099, section 3.1.
 *
 * @param out outputs, any type, [..., headDim]
 * @param lse log-sum-exps, F32, natural logarithm, the shape of {@code out} without its last
 */
public record AttentionState(Tensor out, Tensor lse) {
  /**
   * Checks that the two fit.
   *
   * @throws IllegalArgumentException if the shapes do not fit or {@code lse} is not F32
   */
  public AttentionState {
    int rank = out.rank();
    if (rank == 0
        || lse.type() != DataType.F32
        || !lse.hasShape(Arrays.copyOf(out.shape(), rank - 1))) {
      throw new IllegalArgumentException(
          "lse is " + lse + ", not F32 of the shape of out, " + out + ", without its last size");
    }
  }

  /** A new empty state: out 0, lse -infinity. */
  public static AttentionState empty(Arena arena, long... outShape) {
    Tensor out = Tensor.allocate(arena, DataType.F32, outShape);
    Tensor lse = Tensor.allocate(arena, DataType.F32, Arrays.copyOf(outShape, outShape.length - 1));
    for (long i = 0; i < lse.elements(); i++) {
      lse.set(i, Float.NEGATIVE_INFINITY);
    }
    return new AttentionState(out, lse);
  }

  /**
   * Merges two states.
   *
   * @param into takes the result; may be {@code a} or {@code b}
   */
  public static void merge(AttentionState a, AttentionState b, AttentionState into) {
    mergeAll(List.of(a, b), into);
  }

  /**
   * Merges states.
   *
   * @param states of equal shapes; none gives the empty state
   * @param into takes the result; may be one of the states
   */
  public static void mergeAll(List<AttentionState> states, AttentionState into) {
    for (AttentionState state : states) {
      if (!state.out.hasShape(into.out.shape())) {
        throw new IllegalArgumentException(
            "a state of " + state.out + " does not merge into one of " + into.out);
      }
    }
    StateMerger merger = new StateMerger(states, into);
    for (long row = 0; row < into.lse.elements(); row++) {
      merger.mergeRow(row);
    }
  }
}
