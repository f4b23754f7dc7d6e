package io.github.hydragen.spi;

import io.github.hydragen.DeviceInfo;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An opened backend: the storage and the arithmetic of one engine. */
public interface AttentionBackend extends AutoCloseable {
  /** The device that computes. */
  DeviceInfo device();

  /**
   * Copies a prefix into the backend's own layout.
   *
   * @param parent the prefix before it, or null
   * @param k keys, [tokens, kvHeads, headDim], tokens 0 or more
   * @param v values, like {@code k}
   * @throws io.github.hydragen.InsufficientMemoryException before anything is allocated
   */
  BackendPrefix createPrefix(@Nullable BackendPrefix parent, Tensor k, Tensor v);

  /**
   * Allocates the storage of a batch. Where {@link io.github.hydragen.EngineOptions#pageTokens} is
   * not 0 and the backend has pages, {@link BackendBatch#append} does that instead.
   *
   * @param sequences 1 or more
   * @param capacity most suffix tokens of a sequence, 0 or more
   * @throws io.github.hydragen.InsufficientMemoryException before anything is allocated
   */
  BackendBatch createBatch(int sequences, int capacity);

  /**
   * See {@link io.github.hydragen.AttentionEngine#tolerance}; by default that of fp32 arithmetic.
   */
  default double tolerance() {
    return 2e-5;
  }

  /** What is held now, prefixes and batches included. */
  MemoryUsage memory();

  /** Nanoseconds that kernels have run on the device so far; empty where that is not measured. */
  default OptionalLong kernelNanos() {
    return OptionalLong.empty();
  }

  /**
   * Turns the timing of kernels on or off.
   *
   * @return whether they are timed from now on
   */
  default boolean timeKernels(boolean on) {
    return false;
  }

  /**
   * Makes a decode step whose tensors stay on the device.
   *
   * @param layers 1 or more, with different batches; if more than 1, each has kernels
   * @throws UnsupportedOperationException as by default: the backend does not have such steps
   * @throws IllegalArgumentException if kernels are not the backend's
   */
  default BackendStep residentStep(List<StepLayer> layers) {
    throw new UnsupportedOperationException(
        "backend %s does not keep queries and outputs on a device: use append and attend"
            .formatted(device().name()));
  }

  /** Frees everything; prefixes and batches have been closed before. */
  @Override
  void close();
}
