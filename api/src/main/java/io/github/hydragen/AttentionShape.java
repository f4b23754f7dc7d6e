package io.github.hydragen;

/**
 * The head layout of an attention layer.
 *
 * <p>Query head {@code h} reads key/value head {@code h / groupSize()}: group size 1 is multi-head
 * attention, {@code kvHeads == 1} multi-query attention, anything between grouped-query attention.
 *
 * @param queryHeads number of query heads, 1 to {@value #MAX_HEADS}, a multiple of {@code kvHeads}
 * @param kvHeads number of key/value heads, at least 1
 * @param headDim elements of one head, 1 to {@value #MAX_HEAD_DIM}
 */
public record AttentionShape(int queryHeads, int kvHeads, int headDim) {
  /** The largest supported head dimension. */
  public static final int MAX_HEAD_DIM = 256;

  /** The largest supported number of query heads. */
  public static final int MAX_HEADS = 1024;

  /**
   * Checks the layout.
   *
   * @throws IllegalArgumentException if a number is out of range or the heads do not group evenly
   */
  public AttentionShape {
    Checks.range("queryHeads", queryHeads, 1, MAX_HEADS);
    Checks.range("kvHeads", kvHeads, 1, MAX_HEADS);
    Checks.range("headDim", headDim, 1, MAX_HEAD_DIM);
    if (queryHeads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "queryHeads %d is not a multiple of kvHeads %d: change one of them"
              .formatted(queryHeads, kvHeads));
    }
  }

  /** The layout with these numbers of query heads and key/value heads and this head dimension. */
  public static AttentionShape of(int queryHeads, int kvHeads, int headDim) {
    return new AttentionShape(queryHeads, kvHeads, headDim);
  }

  /** Query heads that share one key/value head. */
  public int groupSize() {
    return queryHeads / kvHeads;
  }

  /** Elements of the keys (or of the values) of one token: {@code kvHeads * headDim}. */
  public int kvRow() {
    return kvHeads * headDim;
  }

  /** Elements of the queries (or of the outputs) of one token: {@code queryHeads * headDim}. */
  public int queryRow() {
    return queryHeads * headDim;
  }
}
