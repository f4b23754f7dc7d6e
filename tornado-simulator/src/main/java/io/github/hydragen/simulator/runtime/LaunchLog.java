package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.memory.LocalArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Takes note of what a launch does. By default nothing is noted. */
interface LaunchLog {
  /** Notes nothing. */
  LaunchLog NONE = new LaunchLog() {};

  /** Notes an access to {@code count} elements of global memory. */
  default void global(
      TornadoNativeArray array, int index, int count, boolean store, WorkItem item, int site) {}

  /** Notes an access to an element of local memory. */
  default void local(LocalArray array, int index, WorkItem item, int site) {}

  /** Notes that 8 lanes read 16 bytes each, from these addresses in local memory, at once. */
  default void matrix(LocalArray array, long[] addresses, int site) {}

  /** Notes that the threads of the warp that ran last have all stopped or ended. */
  default void converged() {}

  /** Notes that a work-group passed a barrier. */
  default void barrier() {}

  /** Notes that a warp exchanged numbers. */
  default void shuffle() {}

  /** Notes that a warp multiplied matrix fragments. */
  default void multiply() {}
}
