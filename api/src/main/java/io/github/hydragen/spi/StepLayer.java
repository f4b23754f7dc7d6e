package io.github.hydragen.spi;

import io.github.hydragen.StepKernels;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a step on a device.
 *
 * @param batch of the backend that makes the step
 * @param view the batch's state, live
 * @param kernels what runs around the attention, or null: then queries and new tokens are uploaded
 */
public record StepLayer(BackendBatch batch, BatchView view, @Nullable StepKernels kernels) {}
