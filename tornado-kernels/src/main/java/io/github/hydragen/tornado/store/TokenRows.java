package io.github.hydragen.tornado.store;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Copies tokens between tensors and device layouts, whose heads may be padded: as they are where
 * the types are the same, else a head at a time.
 */
public final class TokenRows {
  /** Elements from which on several threads copy. */
  private static final int PARALLEL = 1 << 16;

  private final int heads;
  private final int headDim;
  private final int paddedDim;

  /**
   * For tokens of {@code heads} heads.
   *
   * @param paddedDim elements between the starts of heads in the device layout
   */
  public TokenRows(int heads, int headDim, int paddedDim) {
    this.heads = heads;
    this.headDim = headDim;
    this.paddedDim = paddedDim;
  }

  /** Copies tokens of a tensor, rounded by way of {@code rounding}, to a device layout. */
  public void write(
      Tensor from,
      long fromToken,
      DataType rounding,
      MemorySegment to,
      DataType toType,
      long toToken,
      long tokens) {
    boolean asIs = from.type() == toType && rounding == toType;
    DataType between = from.type() == rounding || toType == rounding ? DataType.F32 : rounding;
    each(
        tokens,
        token -> {
          long source = (fromToken + token) * heads;
          long target = (toToken + token) * heads;
          if (asIs) {
            copy(from.segment(), source, headDim, to, target, paddedDim, toType);
          } else {
            convert(
                from.segment(),
                from.type(),
                source,
                headDim,
                between,
                to,
                toType,
                target,
                paddedDim);
          }
        });
  }

  /** Copies F32 tokens of a device layout to a tensor. */
  public void read(MemorySegment from, long fromToken, Tensor to, long toToken, long tokens) {
    each(
        tokens,
        token -> {
          long source = (fromToken + token) * heads;
          long target = (toToken + token) * heads;
          if (to.type() == DataType.F32) {
            copy(from, source, paddedDim, to.segment(), target, headDim, DataType.F32);
          } else {
            convert(
                from,
                DataType.F32,
                source,
                paddedDim,
                DataType.F32,
                to.segment(),
                to.type(),
                target,
                headDim);
          }
        });
  }

  private void each(long tokens, LongConsumer copy) {
    LongStream all = LongStream.range(0, tokens);
    (tokens * heads * headDim < PARALLEL ? all : all.parallel()).forEach(copy);
  }

  /** Copies the heads of a token, of the same type on both sides. */
  private void copy(
      MemorySegment from,
      long fromHead,
      int fromStride,
      MemorySegment to,
      long toHead,
      int toStride,
      DataType type) {
    long bytes = (long) headDim * type.bytes();
    if (fromStride == toStride) {
      MemorySegment.copy(from, fromHead * bytes, to, toHead * bytes, heads * bytes);
      return;
    }
    for (int head = 0; head < heads; head++) {
      long source = (fromHead + head) * fromStride * type.bytes();
      MemorySegment.copy(from, source, to, (toHead + head) * toStride * type.bytes(), bytes);
    }
  }

  private void convert(
      MemorySegment from,
      DataType fromType,
      long fromHead,
      int fromStride,
      DataType between,
      MemorySegment to,
      DataType toType,
      long toHead,
      int toStride) {
    float[] values = new float[headDim];
    for (int head = 0; head < heads; head++) {
      fromType.read(from, (fromHead + head) * fromStride, values);
      if (between != DataType.F32) {
        for (int i = 0; i < headDim; i++) {
          values[i] = between.round(values[i]);
        }
      }
      toType.write(to, (toHead + head) * toStride, values);
    }
  }
}
