package io.github.hydragen.cpu.store;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;

/**
 * Where an element of a key or value lies within a track, the run of tokens of one key/value head.
 *
 * <p>Both passes compute weighted sums of rows: scores are sums over the elements of keys, outputs
 * sums over the tokens of values. So keys are stored transposed, and each of the two matrices is
 * cut into strips of {@value #STRIP} columns, whose rows follow one another:
 *
 * <pre>
 * keys, 32 bits    [token / 64][element][token % 64]
 * keys, 16 bits    [token / 64][element / 2][token % 64][element % 2]
 * values, 32 bits  [element / 64][token][element % 64]
 * values, 16 bits  [element / 64][token / 2][element % 64][token % 2]
 * </pre>
 *
 * <p>The last strip of each is as wide as what is left, rounded up to 16. A row of a strip fills
 * whole vectors and, if it is wide, four of them: few instructions lie between the loads, which
 * then follow each other through memory as fast as if nothing was computed. A 32-bit word of 16-bit
 * data holds the same column of two rows and widens to two vectors of floats by shifts and masks.
 */
public final class KvLayout {
  /** Tracks hold a multiple of so many tokens. */
  public static final int BLOCK = 16;

  /** Columns of a strip. */
  public static final int STRIP = 4 * BLOCK;

  /** Tokens that the matrix kernel decodes at once. */
  public static final int TILE = 2 * STRIP;

  /**
   * Floats from a block of 16 elements of a tile's decoded values to the next: a constant, as is
   * the 16 from one token to the next, so that the compiler can prove indices in range outside of
   * the inner loops.
   */
  public static final int VALUE_BLOCK = TILE * BLOCK;

  /** Heads, and the elements of each. */
  public final AttentionShape shape;

  /** What numbers are stored as. */
  public final DataType type;

  /** Stored elements of a key: the head dimension, even for 16-bit types. */
  public final int keyRow;

  /** Stored elements of a value: the head dimension, rounded up to a multiple of 16. */
  public final int valueRow;

  /** The layout of all tracks of such heads. */
  public KvLayout(AttentionShape shape, DataType type) {
    this.shape = shape;
    this.type = type;
    int headDim = shape.headDim();
    this.keyRow = type == DataType.F32 ? headDim : roundUp(headDim, 2);
    this.valueRow = roundUp(headDim, BLOCK);
  }

  /** Bytes of the keys of a track of so many tokens, a multiple of 16. */
  public long keyBytes(long tokens) {
    return tokens * keyRow * type.bytes();
  }

  /** Bytes of the values of a track of so many tokens, a multiple of 16. */
  long valueBytes(long tokens) {
    return tokens * valueRow * type.bytes();
  }

  /** Bytes of a track of so many tokens, a multiple of 16. */
  public long trackBytes(long tokens) {
    return keyBytes(tokens) + valueBytes(tokens);
  }

  /** Columns of the strip of keys that holds a token, in a track of so many tokens. */
  static int keyColumns(int tokens, int token) {
    return Math.min(STRIP, tokens - token / STRIP * STRIP);
  }

  /** Columns of the strip of values that holds an element. */
  public int valueColumns(int element) {
    return Math.min(STRIP, valueRow - element / STRIP * STRIP);
  }

  /** Byte offset of an element of a key from the track's first key. */
  long keyOffset(int tokens, int token, int element) {
    int strip = token / STRIP * STRIP;
    return keyBytes(strip) + inStrip(keyColumns(tokens, token), element, token - strip);
  }

  /** Byte offset of an element of a value from the track's first value. */
  public long valueOffset(int tokens, int token, int element) {
    int strip = element / STRIP * STRIP;
    return (long) strip * tokens * type.bytes()
        + inStrip(valueColumns(element), token, element - strip);
  }

  private long inStrip(int columns, int row, int column) {
    return type == DataType.F32
        ? ((long) row * columns + column) * 4
        : ((long) (row >> 1) * columns + column) * 4 + (row & 1) * 2L;
  }

  /** Tokens, rounded up to whole blocks. */
  public static int roundUp(int tokens) {
    return roundUp(tokens, BLOCK);
  }

  /** A number that is not negative, rounded up to a multiple. */
  public static int roundUp(int value, int multiple) {
    return (int) (((long) value + multiple - 1) / multiple * multiple);
  }
}
