package io.github.hydragen.tornado.kernels;

/**
 * A list of query tokens that attend to the same keys, as {@value #INTS} ints an entry. Which keys
 * a token sees is a range of positions: that covers causal masks, windows and neither.
 */
public final class RowList {
  /** Ints of an entry. */
  public static final int INTS = 3;

  /** The query token. */
  public static final int TOKEN = 0;

  /** The position of the first key that it sees. */
  public static final int FIRST_VISIBLE = 1;

  /** The position of the last key that it sees. */
  public static final int LAST_VISIBLE = 2;

  private RowList() {}
}
