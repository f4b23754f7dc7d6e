package io.github.hydragen;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Checks of tensors that cross the API. */
final class TensorChecks {
  private TensorChecks() {}

  static void readable(String name, Tensor tensor, long... shape) {
    alive(name, tensor);
    if (!tensor.hasShape(shape)) {
      throw new IllegalArgumentException(
          name + " is " + tensor + ", not " + Arrays.toString(shape));
    }
  }

  /**
   * Checks that an array holds whole rows: a tensor of it would only be told how many bytes it has.
   *
   * @param what sizes whose product is {@code row}, in words
   */
  static void wholeRows(String name, float[] array, long row, String what) {
    if (array.length % row != 0) {
      throw new IllegalArgumentException(
          name + " has " + array.length + " elements: not a multiple of " + what);
    }
  }

  /**
   * Checks the length of an array.
   *
   * @param like what has this length, or nothing
   */
  static void length(String name, float[] array, long length, String like) {
    if (array.length != length) {
      throw new IllegalArgumentException(
          name + " has " + array.length + " elements, not " + length + like);
    }
  }

  /** Checks that a tensor holds {@code rows} rows, whatever its rank, ending in the given shape. */
  static void rows(String name, Tensor tensor, long rows, int heads, int headDim) {
    alive(name, tensor);
    int rank = tensor.rank();
    boolean fits =
        rank >= 3
            && tensor.size(rank - 1) == headDim
            && tensor.size(rank - 2) == heads
            && tensor.elements() == rows * heads * headDim;
    if (!fits) {
      throw new IllegalArgumentException(
          name + " is " + tensor + ", not [" + rows + " tokens, " + heads + ", " + headDim + "]");
    }
  }

  static void alive(String name, Tensor tensor) {
    MemorySegment segment = tensor.segment();
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(name + " lies in memory that is already freed");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalArgumentException(
          name + " is confined to another thread: allocate it in a shared or automatic arena");
    }
  }

  /**
   * Tokens of each sequence in a tensor [sequences, heads, headDim] or [sequences, tokens, heads,
   * headDim].
   */
  static int tokensEach(String name, Tensor tensor, int sequences, int headDim) {
    int rank = tensor.rank();
    boolean fits = (rank == 3 || rank == 4) && tensor.size(0) == sequences;
    long tokens = rank == 4 ? tensor.size(1) : 1;
    if (!fits || tokens > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s is %s, not [%d sequences, (tokens,) heads, %d]"
              .formatted(name, tensor, sequences, headDim));
    }
    return (int) tokens;
  }

  /** Checks the tensors of an attention of {@code rows} tokens. */
  static void queries(Tensor q, Tensor out, @Nullable Tensor lse, long rows, AttentionShape shape) {
    rows("q", q, rows, shape.queryHeads(), shape.headDim());
    rows("out", out, rows, shape.queryHeads(), shape.headDim());
    writable("out", out);
    if (overlap(q, out)) {
      throw new IllegalArgumentException("out overlaps q: give it memory of its own");
    }
    lse(lse, rows, shape.queryHeads());
    if (lse != null && (overlap(lse, out) || overlap(lse, q))) {
      throw new IllegalArgumentException("lse overlaps q or out: give it memory of its own");
    }
  }

  /** Checks a tensor that takes log-sum-exps; null is none. */
  static void lse(@Nullable Tensor lse, long rows, int heads) {
    if (lse == null) {
      return;
    }
    alive("lse", lse);
    writable("lse", lse);
    if (lse.type() != DataType.F32 || lse.elements() != rows * heads) {
      throw new IllegalArgumentException(
          "lse is " + lse + ", not F32 [" + rows + " tokens, " + heads + "]");
    }
  }

  static void writable(String name, Tensor tensor) {
    if (tensor.segment().isReadOnly()) {
      throw new IllegalArgumentException(name + " is read-only: give writable memory");
    }
  }

  /** Whether two tensors may share bytes; heap arrays are compared by identity of their base. */
  static boolean overlap(Tensor a, Tensor b) {
    return a.segment().asOverlappingSlice(b.segment()).isPresent();
  }
}
