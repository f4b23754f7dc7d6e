package io.github.hydragen.spi;

import io.github.hydragen.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A backend's decode step whose queries, new tokens and outputs stay on its device. While it is
 * open, the batches of its layers neither append nor attend in any other way.
 */
public interface BackendStep extends AutoCloseable {
  /**
   * Copies what a layer without kernels reads to the device.
   *
   * @param layer its number, from 0
   * @param q queries, [sequences, queryHeads, headDim]
   * @param k new keys, [sequences, kvHeads, headDim], rounded to the storage type
   * @param v new values, like {@code k}
   */
  void upload(int layer, Tensor q, Tensor k, Tensor v);

  /**
   * Appends one token to every sequence of each layer and attends with it. The views' lengths count
   * the new token.
   *
   * @throws IllegalStateException if a sequence was attached elsewhere since the step was made;
   *     before anything is changed
   */
  void execute();

  /**
   * Copies a layer's outputs of the last execution to the host.
   *
   * @param out overwritten, [sequences, queryHeads, headDim]
   * @param lse overwritten, F32 [sequences, queryHeads], or null
   */
  void download(int layer, Tensor out, @Nullable Tensor lse);

  /** Frees what it holds; the batches keep the tokens that were appended. */
  @Override
  void close();
}
