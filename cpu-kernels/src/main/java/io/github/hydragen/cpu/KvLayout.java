package io.github.hydragen.cpu;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;

/**
 * Where an element of a key or value lies within a track, the run of tokens of one key/value head.
 *
 * <p>A track is cut into blocks of {@value #BLOCK} tokens, all key blocks before all value blocks:
 *
 * <pre>
 * keys, 32 bits    [block][element][token]            a vector holds one element of 16 tokens
 * keys, 16 bits    [block][element / 2][token][2]     a 32-bit word holds two elements of a token
 * values, 32 bits  [block][token][element]            a vector holds 16 elements of one token
 * values, 16 bits  [block][token / 2][element][2]     a 32-bit word holds an element of two tokens
 * </pre>
 *
 * <p>So 16-bit data widen to whole vectors of floats by a shift and a mask, and both kernels read
 * every byte once, in order.
 */
final class KvLayout {
  /** Tokens of a block. */
  static final int BLOCK = 16;

  /**
   * Floats from one decoded value to the next, for every head dimension: a constant, so that the
   * compiler can prove indices in range outside of the inner loops; and an odd number of vectors,
   * so that the same element of many tokens falls into many cache sets.
   */
  static final int VALUE_STRIDE = AttentionShape.MAX_HEAD_DIM + BLOCK;

  final AttentionShape shape;
  final DataType type;

  /** Stored elements of a key: the head dimension, even for 16-bit types. */
  final int keyRow;

  /** Stored elements of a value: the head dimension, rounded up to a multiple of 16. */
  final int valueRow;

  /** Bytes of the keys of a block. */
  final long keyBlockBytes;

  /** Bytes of the values of a block. */
  final long valueBlockBytes;

  KvLayout(AttentionShape shape, DataType type) {
    this.shape = shape;
    this.type = type;
    int headDim = shape.headDim();
    this.keyRow = type == DataType.F32 ? headDim : roundUp(headDim, 2);
    this.valueRow = roundUp(headDim, 16);
    this.keyBlockBytes = (long) keyRow * BLOCK * type.bytes();
    this.valueBlockBytes = (long) valueRow * BLOCK * type.bytes();
  }

  /** Blocks that hold a number of tokens. */
  static int blocks(int tokens) {
    return (int) (((long) tokens + BLOCK - 1) / BLOCK);
  }

  /** Bytes of a track of so many blocks. */
  long trackBytes(int blocks) {
    return blocks * (keyBlockBytes + valueBlockBytes);
  }

  /** Byte offset of an element of a key from its block's start. */
  long keyOffset(int tokenInBlock, int element) {
    return type == DataType.F32
        ? (element * BLOCK + tokenInBlock) * 4L
        : ((element >> 1) * BLOCK + tokenInBlock) * 4L + (element & 1) * 2L;
  }

  /** Byte offset of an element of a value from its block's start. */
  long valueOffset(int tokenInBlock, int element) {
    return type == DataType.F32
        ? (tokenInBlock * valueRow + element) * 4L
        : ((tokenInBlock >> 1) * valueRow + element) * 4L + (tokenInBlock & 1) * 2L;
  }

  static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }
}
