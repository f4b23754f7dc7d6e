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

  /**
   * A new empty state: out 0, lse -infinity.
   *
   * @param outShape the shape of its outputs, at least [headDim]
   */
  public static AttentionState empty(Arena arena, long... outShape) {
    if (outShape.length == 0) {
      throw new IllegalArgumentException("the shape of out is empty: give at least [headDim]");
    }
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
   * @throws IllegalArgumentException as {@link #mergeAll}
   */
  public static void merge(AttentionState a, AttentionState b, AttentionState into) {
    mergeAll(List.of(a, b), into);
  }

  /**
   * Merges states.
   *
   * @param states of equal shapes; none gives the empty state
   * @param into takes the result; may be one of the states
   * @throws IllegalArgumentException if shapes differ, or {@code into} is read-only or shares
   *     memory with a state without being it; nothing is written then
   */
  public static void mergeAll(List<AttentionState> states, AttentionState into) {
    checkTarget(states, into);
    new StateMerger(states, into).merge(0, into.lse.elements());
  }

  /**
   * Merges another state into this one, in place.
   *
   * @param other of the same shape; its type of outputs may differ
   * @throws IllegalArgumentException as {@link #mergeAll}
   */
  public void mergeInPlace(AttentionState other) {
    mergeAll(List.of(this, other), this);
  }

  /**
   * Merges another state into this one, in place, where a mask says so.
   *
   * @param other of the same shape; its type of outputs may differ
   * @param mask for each index of the outermost dimension (a token) whether to merge; what is not
   *     merged stays bit for bit
   * @throws IllegalArgumentException as {@link #mergeAll}, or if the mask does not have an entry
   *     for each token
   */
  public void mergeInPlace(AttentionState other, boolean[] mask) {
    long tokens = out.rank() == 1 ? 1 : out.size(0);
    if (mask.length != tokens) {
      throw new IllegalArgumentException(
          "the mask has " + mask.length + " entries, but the state has " + tokens + " tokens");
    }
    List<AttentionState> both = List.of(this, other);
    checkTarget(both, this);
    StateMerger merger = new StateMerger(both, this);
    long rows = tokens == 0 ? 0 : lse.elements() / tokens;
    for (int token = 0; token < mask.length; token++) {
      if (mask[token]) {
        merger.merge(token * rows, (token + 1) * rows);
      }
    }
  }

  private static void checkTarget(List<AttentionState> states, AttentionState into) {
    TensorChecks.alive("out", into.out);
    TensorChecks.alive("lse", into.lse);
    TensorChecks.writable("out", into.out);
    TensorChecks.writable("lse", into.lse);
    for (AttentionState state : states) {
      TensorChecks.alive("out", state.out);
      TensorChecks.alive("lse", state.lse);
      if (!state.out.hasShape(into.out.shape())) {
        throw new IllegalArgumentException(
            "a state of " + state.out + " does not merge into one of " + into.out);
      }
      checkAliases(state.out, into.out);
      checkAliases(state.lse, into.lse);
      if (TensorChecks.overlap(state.out, into.lse) || TensorChecks.overlap(state.lse, into.out)) {
        throw new IllegalArgumentException("out and lse share memory: give each its own");
      }
    }
  }

  /** The same memory may be read and written, as rows are; a shifted view of it may not. */
  private static void checkAliases(Tensor from, Tensor into) {
    boolean same = from.type() == into.type() && from.segment().equals(into.segment());
    if (!same && TensorChecks.overlap(from, into)) {
      throw new IllegalArgumentException(
          "the result shares memory with a part of a state: give it memory of its own");
    }
  }

  /**
   * Converts natural log-sum-exps to base 2, as FlashInfer's are: {@code lse * log2(e)}.
   *
   * @param natural ln of sums, F32
   * @param base2 takes log2 of the same sums, F32 of the same shape; may be {@code natural}
   * @throws IllegalArgumentException if types or shapes do not fit
   */
  public static void lseToBase2(Tensor natural, Tensor base2) {
    multiply(natural, 1 / Math.log(2), base2);
  }

  /**
   * Converts base-2 log-sum-exps to the natural ones of this library: {@code lse * ln(2)}.
   *
   * @param base2 log2 of sums, F32
   * @param natural takes ln of the same sums, F32 of the same shape; may be {@code base2}
   * @throws IllegalArgumentException if types or shapes do not fit
   */
  public static void lseFromBase2(Tensor base2, Tensor natural) {
    multiply(base2, Math.log(2), natural);
  }

  private static void multiply(Tensor from, double factor, Tensor into) {
    TensorChecks.alive("lse", from);
    TensorChecks.alive("lse", into);
    TensorChecks.writable("lse", into);
    boolean fits =
        from.type() == DataType.F32 && into.type() == DataType.F32 && from.hasShape(into.shape());
    if (!fits) {
      throw new IllegalArgumentException(
          "lse of " + from + " does not convert into " + into + ": both are F32 of one shape");
    }
    checkAliases(from, into);
    for (long i = 0; i < from.elements(); i++) {
      into.set(i, (float) (from.get(i) * factor));
    }
  }
}
