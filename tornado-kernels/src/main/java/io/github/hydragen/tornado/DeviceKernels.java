package io.github.hydragen.tornado;

import io.github.hydragen.StepKernels;

/**
 * A model's kernels around the attention of a {@link io.github.hydragen.ResidentStep}: they are
 * added to its task graph, so that a step is one graph, on CUDA devices one CUDA graph, from the
 * model's kernels through the attention to the model's kernels.
 *
 * <p>Each layer of a step has a task graph of its own, and they run in order. A graph can take over
 * arrays that only the graph that runs right before it left on the device ({@code persistOnDevice},
 * {@code consumeFromDevice} with the name of {@link DeviceTensors#previous}): TornadoVM finds no
 * others.
 */
public interface DeviceKernels extends StepKernels {
  /**
   * Adds transfers and tasks that write queries and new tokens of all sequences. Called once, when
   * the step is made.
   */
  void before(DeviceTensors tensors);

  /** Adds tasks that read outputs and log-sum-exps, and transfers; by default none. */
  default void after(DeviceTensors tensors) {}
}
