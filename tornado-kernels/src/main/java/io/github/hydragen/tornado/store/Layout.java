package io.github.hydragen.tornado.store;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.Kernels;
import io.github.hydragen.tornado.kernels.MatrixPass;
import io.github.hydragen.tornado.kernels.SuffixPassBF16;

/**
 * How an engine's tensors lie on a device.
 *
 * @param paddedDim {@code headDim} rounded up to a multiple of 32, which the kernels' reads of
 *     whole lines need, or for tuned kernels to 64 or 128; the elements between are zeros
 * @param storage the type of stored keys and values: for the portable kernels BF16 is widened to
 *     F32, which is exact, since OpenCL has no such type
 * @param kernels which kernels compute with them
 * @param bf16Products whether kernels may have products of BF16 matrices
 */
public record Layout(
    AttentionShape shape,
    EngineOptions options,
    int paddedDim,
    DataType storage,
    float scale,
    Kernels kernels,
    boolean bf16Products) {
  private static final int LINE = 32;

  /** The least step between numbers of tokens: fewer are no less work. */
  private static final int FEWEST_TOKENS = 4;

  /** The layout of the portable kernels. */
  public static Layout of(AttentionShape shape, EngineOptions options) {
    return of(shape, options, Kernels.PORTABLE, false);
  }

  /** The layout of the kernels that engines use on a device. */
  public static Layout of(AttentionShape shape, EngineOptions options, Device device) {
    return of(shape, options, device.kernels(), device.bf16Products());
  }

  /**
   * A layout.
   *
   * @param wanted which kernels to use, if they are there for this shape and storage
   */
  public static Layout of(
      AttentionShape shape, EngineOptions options, Kernels wanted, boolean bf16Products) {
    boolean fits = shape.headDim() <= MatrixPass.HEAD_DIM && options.storage() != DataType.F32;
    Kernels kernels = fits ? wanted : Kernels.PORTABLE;
    int line = kernels == Kernels.PORTABLE ? LINE : MatrixPass.HEAD_DIM / 2;
    int paddedDim = (shape.headDim() + line - 1) / line * line;
    boolean widened = kernels == Kernels.PORTABLE && options.storage() == DataType.BF16;
    DataType storage = widened ? DataType.F32 : options.storage();
    float scale = options.scale(shape.headDim());
    return new Layout(shape, options, paddedDim, storage, scale, kernels, bf16Products);
  }

  /** Whether the kernels are those for NVIDIA's matrix units and 16-bit storage. */
  public boolean tuned() {
    return kernels != Kernels.PORTABLE;
  }

  /**
   * Whether prefixes and suffixes are one kernel's. With groups they are not: a work-group of a
   * suffix would take the place of one of a prefix for as long as two kernels take.
   */
  public boolean joint() {
    return kernels == Kernels.JOINT && shape.groupSize() == 1;
  }

  /** Whether suffixes are read by warps that have a key/value head each, four to a work-group. */
  public boolean suffixesByWarp() {
    return tuned() && shape.groupSize() == 1;
  }

  /** Whether suffixes are read by the pass on the matrix units: groups too large for the other. */
  public boolean suffixesOnMatrixUnits() {
    boolean products = storage == DataType.F16 || bf16Products;
    return tuned() && products && shape.groupSize() > SuffixPassBF16.MAX_ROWS;
  }

  /**
   * Whether the passes over suffixes in so many parts, which come after those over prefixes, merge:
   * there is no merge by itself then, and a suffix needs no slot.
   */
  public boolean suffixesMerge(int parts) {
    return tuned() && shape.groupSize() > 1 && parts == 1;
  }

  /**
   * The slots of a token in the arrays of states: with the matrix pass two for each partial state,
   * as what a round of it leaves is added to that of an earlier one.
   */
  public int stateSlots(int slots) {
    return tuned() ? 2 * slots : slots;
  }

  /** Elements of the partial outputs of tokens with so many partial states each. */
  public long stateElements(long tokens, int slots) {
    return tokens * stateSlots(slots) * queryRow();
  }

  /** Log-sum-exps of these partial outputs. */
  public long stateRows(long tokens, int slots) {
    return tokens * stateSlots(slots) * shape.queryHeads();
  }

  /** Elements of the keys of one token, padding included. */
  public int kvRow() {
    return shape.kvHeads() * paddedDim;
  }

  /** Elements of the queries of one token, padding included. */
  public int queryRow() {
    return shape.queryHeads() * paddedDim;
  }

  /** Stored elements that a thread of a task copies: as many as an element of the array has. */
  public int elementsOfThread() {
    return storage == DataType.BF16 ? 4 : 1;
  }

  /**
   * The number of tokens, of which a multiple makes whole work-groups of the tasks that copy,
   * whatever the number of heads: threads beyond the last token would read and write there.
   */
  public int tokenStep() {
    int threads = Integer.lowestOneBit(paddedDim / elementsOfThread());
    return Math.max(FEWEST_TOKENS, GraphPart.ELEMENTWISE / threads);
  }

  /** Tokens rounded up to {@link #tokenStep}. */
  public int wholeTokens(long tokens) {
    return Math.toIntExact(Math.ceilDiv(tokens, tokenStep()) * tokenStep());
  }

  /** Bytes of the stored keys and values of tokens; the largest long if there are more. */
  public long kvBytes(long tokens) {
    long each = 2L * kvRow() * storage.bytes();
    return tokens > Long.MAX_VALUE / each ? Long.MAX_VALUE : tokens * each;
  }
}
