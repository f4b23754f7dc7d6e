package io.github.hydragen.tornado;

import io.github.hydragen.StepKernels;

/**
 * A model's kernels around the attention of a {@link io.github.hydragen.ResidentStep}: they are
 * added to its task graph, on CUDA devices one CUDA graph, from the model's kernels through the
 * attention to the model's kernels.
 *
 * <p>Layers run in order, up to eight in a graph, fewer if they have so many tasks that TornadoVM's
 * graphs do not hold more. What a layer leaves on the device for the next it {@linkplain
 * DeviceTensors#handOn hands on}, whether or not that is in the same graph.
 */
public interface DeviceKernels extends StepKernels {
  /**
   * Adds transfers and tasks that write queries and new tokens of all sequences. Called once, when
   * the step is made. Each task has its name from {@link DeviceTensors#name} and its threads by
   * {@link DeviceTensors#worker}.
   */
  void before(DeviceTensors tensors);

  /**
   * Adds tasks that read outputs and log-sum-exps, and transfers; by default none. Called once,
   * after {@link #before}.
   */
  default void after(DeviceTensors tensors) {}
}
