package io.github.hydragen.spi;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A backend's storage of a batch's suffixes.
 *
 * <p>Token tensors hold the tokens of sequence 0, then those of sequence 1, and so on: {@code
 * counts[s]} of sequence {@code s}, each [heads, headDim]. Their rank may differ; their elements do
 * not.
 */
public interface BackendBatch extends AutoCloseable {
  /**
   * Writes new tokens behind those stored.
   *
   * @param view lengths before the call
   * @param counts new tokens of each sequence, 0 or more
   * @param k keys, [sum(counts), kvHeads, headDim]
   * @param v values, like {@code k}
   * @throws io.github.hydragen.InsufficientMemoryException if the storage grows and cannot, before
   *     anything is written or allocated
   */
  void append(BatchView view, int[] counts, Tensor k, Tensor v);

  /**
   * Attends to prefixes and suffixes.
   *
   * @param view lengths that count the new tokens
   * @param counts queries of each sequence: its last tokens
   * @param q queries, [sum(counts), queryHeads, headDim]
   * @param out overwritten, like {@code q}
   * @param lse overwritten, F32 [sum(counts), queryHeads], or null
   */
  void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse);

  /**
   * Turns the stored suffix of a sequence into a prefix below {@code parent}, copying only it.
   *
   * @param length tokens of the suffix
   */
  BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent);

  /**
   * Tells that a sequence's suffix has lost its last tokens: by now the view says so too.
   *
   * @param length tokens that stay; 0 also where the sequence left or was promoted
   */
  default void truncated(int sequence, int length) {}

  /** What {@link #attend} would do with each prefix for such a call. */
  AttentionPlan plan(BatchView view, int[] counts);

  /** Frees it. */
  @Override
  void close();
}
