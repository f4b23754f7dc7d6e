package io.github.hydragen.tornado;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.tornado.kernels.MatrixPass;

/**
 * How an engine's tensors lie on a device.
 *
 * @param paddedDim {@code headDim} rounded up to a multiple of 32, which the kernels' reads of
 *     whole lines need; the elements between are zeros
 * @param storage the type of stored keys and values: for the portable kernels BF16 is widened to
 *     F32, which is exact, since OpenCL has no such type
 * @param tuned whether the kernels are those for NVIDIA's matrix units and BF16
 */
record Layout(
    AttentionShape shape,
    EngineOptions options,
    int paddedDim,
    DataType storage,
    float scale,
    boolean tuned) {
  private static final int LINE = 32;

  /** The layout of the portable kernels. */
  static Layout of(AttentionShape shape, EngineOptions options) {
    return of(shape, options, false);
  }

  /**
   * A layout.
   *
   * @param tuned whether to use the tuned kernels, if there are any for this shape and storage
   */
  static Layout of(AttentionShape shape, EngineOptions options, boolean tuned) {
    int paddedDim = (shape.headDim() + LINE - 1) / LINE * LINE;
    boolean fits = paddedDim == MatrixPass.HEAD_DIM && options.storage() == DataType.BF16;
    DataType portable = options.storage() == DataType.F16 ? DataType.F16 : DataType.F32;
    DataType storage = tuned && fits ? DataType.BF16 : portable;
    return new Layout(
        shape, options, paddedDim, storage, options.scale(shape.headDim()), tuned && fits);
  }

  /**
   * Whether prefixes and suffixes are one kernel's. With several query heads a key head the
   * suffixes have several times the arithmetic, and beside a prefix there is no room for it.
   */
  boolean joint() {
    return tuned && shape.groupSize() == 1;
  }

  /** Elements of the keys of one token, padding included. */
  int kvRow() {
    return shape.kvHeads() * paddedDim;
  }

  /** Elements of the queries of one token, padding included. */
  int queryRow() {
    return shape.queryHeads() * paddedDim;
  }

  /** Bytes of the stored keys and values of tokens; the largest long if there are more. */
  long kvBytes(long tokens) {
    long each = 2L * kvRow() * storage.bytes();
    return tokens > Long.MAX_VALUE / each ? Long.MAX_VALUE : tokens * each;
  }
}
