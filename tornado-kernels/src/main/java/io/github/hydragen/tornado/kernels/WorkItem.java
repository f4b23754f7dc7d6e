package io.github.hydragen.tornado.kernels;

/**
 * What one work-group of an attention pass computes, as {@value #INTS} ints of the work array: some
 * query rows against a range of stored keys, into one slot of those rows' tokens.
 *
 * <p>Rows are counted over the entries of a {@link RowList}: row {@code r} is query head {@code r %
 * groupSize} (within the key/value head's group) of entry {@code r / groupSize}.
 */
public final class WorkItem {
  /** Threads of a work-group. */
  public static final int THREADS = 128;

  /** Ints of an item. */
  public static final int INTS = 8;

  /** The number of rows; 0 means that there is nothing to do. */
  public static final int ROW_COUNT = 0;

  /** The first row. */
  public static final int FIRST_ROW = 1;

  /** The row list's first entry. */
  public static final int ENTRIES = 2;

  /** The first key, as a token of the stored keys. */
  public static final int FIRST_KEY = 3;

  /** The number of keys, 0 or more. */
  public static final int KEY_COUNT = 4;

  /** The first key's position in the sequence. */
  public static final int POSITION = 5;

  /** The slot of the partial state. */
  public static final int SLOT = 6;

  /** 1 if the pass merges the slots before it with its own, and writes outputs; 0 if not. */
  public static final int LAST = 7;

  private WorkItem() {}
}
