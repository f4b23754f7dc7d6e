package io.github.hydragen.tornado;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;

/** Copies tokens between tensors and device layouts, whose heads may be padded. */
final class TokenRows {
  /** Elements from which on several threads convert. */
  private static final int PARALLEL = 1 << 16;

  private final int heads;
  private final int headDim;
  private final int paddedDim;

  /**
   * For tokens of {@code heads} heads.
   *
   * @param paddedDim elements between the starts of heads in the device layout
   */
  TokenRows(int heads, int headDim, int paddedDim) {
    this.heads = heads;
    this.headDim = headDim;
    this.paddedDim = paddedDim;
  }

  /** Copies tokens of a tensor, rounded by way of {@code rounding}, to a device layout. */
  void write(
      Tensor from,
      long fromToken,
      DataType rounding,
      MemorySegment to,
      DataType toType,
      long toToken,
      long tokens) {
    if (from.type() == toType && rounding == toType && headDim == paddedDim) {
      long row = (long) heads * headDim * toType.bytes();
      MemorySegment.copy(from.segment(), fromToken * row, to, toToken * row, tokens * row);
      return;
    }
    LongStream all = LongStream.range(0, tokens * heads);
    (tokens * heads * headDim < PARALLEL ? all : all.parallel())
        .forEach(
            head -> {
              long source = (fromToken * heads + head) * headDim;
              long target = (toToken * heads + head) * paddedDim;
              for (int i = 0; i < headDim; i++) {
                toType.write(to, target + i, rounding.round(from.get(source + i)));
              }
            });
  }

  /** Copies F32 tokens of a device layout to a tensor. */
  void read(MemorySegment from, long fromToken, Tensor to, long toToken, long tokens) {
    if (to.type() == DataType.F32 && headDim == paddedDim) {
      long row = (long) heads * headDim * DataType.F32.bytes();
      MemorySegment.copy(from, fromToken * row, to.segment(), toToken * row, tokens * row);
      return;
    }
    for (long head = 0; head < tokens * heads; head++) {
      long source = (fromToken * heads + head) * paddedDim;
      long target = (toToken * heads + head) * headDim;
      for (int i = 0; i < headDim; i++) {
        to.set(target + i, DataType.F32.read(from, source + i));
      }
    }
  }
}
