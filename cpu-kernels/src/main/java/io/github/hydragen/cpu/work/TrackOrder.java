package io.github.hydragen.cpu.work;

/**
 * The order in which the key/value heads of sequences, or of tokens, are numbered as items: all
 * heads of one after another, or head by head. Tokens are written in the order in which they are
 * attended to, so that each worker meets its own again.
 */
public final class TrackOrder {
  private TrackOrder() {}

  /** The sequence or token, of so many, that an item belongs to. */
  public static int member(int item, int members, int heads, boolean headByHead) {
    return headByHead ? item % members : item / heads;
  }

  /** The head that an item belongs to. */
  public static int head(int item, int members, int heads, boolean headByHead) {
    return headByHead ? item / members : item % heads;
  }
}
