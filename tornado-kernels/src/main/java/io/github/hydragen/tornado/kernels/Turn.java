package io.github.hydragen.tornado.kernels;

/** What a work-group of the {@link JointPassBF16} does, as {@value #INTS} ints. */
public final class Turn {
  /** Ints of a turn. */
  public static final int INTS = 2;

  /** The int of the work item. */
  public static final int ITEM = 0;

  /** The key/value head for a prefix; what {@link #suffixHead} makes of it for a suffix. */
  public static final int HEAD = 1;

  private Turn() {}

  /** The head of a suffix as a negative number, and back. */
  public static int suffixHead(int head) {
    return -1 - head;
  }
}
