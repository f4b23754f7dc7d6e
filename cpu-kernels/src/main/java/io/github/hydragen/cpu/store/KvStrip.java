package io.github.hydragen.cpu.store;

import java.lang.foreign.MemorySegment;

/**
 * Rows of a strip of stored keys or values, as {@link KvLayout} lays them out; set anew and again.
 */
public final class KvStrip {
  private static final int STRIP = KvLayout.STRIP;

  private final KvLayout layout;

  /** What holds the strip. */
  public MemorySegment memory = MemorySegment.NULL;

  /** Byte offset of row 0. */
  public long offset;

  /** Columns that are stored. */
  public int width;

  /** The first columns, a multiple of 16, that are wanted, and perhaps some more. */
  public int columns;

  /** Rows {@code from} to {@code to} are wanted. */
  public int from;

  /** See {@link #from}. */
  public int to;

  /** A strip of no rows yet. */
  public KvStrip(KvLayout layout) {
    this.layout = layout;
  }

  /**
   * The keys of the tokens from {@code token} on, a multiple of 64, as elements by tokens. The
   * strip's four vectors at once take less time than three of them one by one.
   */
  public KvStrip keys(KvRun run, int token, int tokens) {
    memory = run.memory;
    offset = run.keys + layout.keyBytes(token);
    width = KvLayout.keyColumns(run.tokens, token);
    int wanted = Math.min(width, KvLayout.roundUp(tokens));
    columns = wanted > STRIP / 2 ? width : wanted;
    from = 0;
    to = layout.keyRow;
    return this;
  }

  /**
   * Values as tokens by elements, from {@code element} on, a multiple of 64.
   *
   * @param token what row 0 is, a multiple of 2
   */
  public KvStrip values(KvRun run, int element, int token, int from, int to) {
    memory = run.memory;
    offset = run.values + layout.valueOffset(run.tokens, token, element);
    width = layout.valueColumns(element);
    columns = width;
    this.from = from;
    this.to = to;
    return this;
  }

  /**
   * The first columns, in fours of vectors, that a loop may take whose rows are {@link
   * KvLayout#STRIP} columns apart: none if this strip is narrower.
   */
  public int wide(int lanes) {
    return width == STRIP ? columns / (4 * lanes) * 4 * lanes : 0;
  }
}
