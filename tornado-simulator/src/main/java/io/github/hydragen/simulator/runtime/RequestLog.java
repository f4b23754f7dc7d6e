package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.memory.LocalArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Takes note of accesses to memory, for the statistics of a launch. */
interface RequestLog {
  /** Counts nothing. */
  RequestLog NONE =
      new RequestLog() {
        @Override
        public void global(
            TornadoNativeArray array,
            int index,
            int count,
            boolean store,
            WorkItem item,
            int site) {}

        @Override
        public void local(LocalArray array, int index, WorkItem item, int site) {}
      };

  /** Notes an access to {@code count} elements of global memory. */
  void global(
      TornadoNativeArray array, int index, int count, boolean store, WorkItem item, int site);

  /** Notes an access to an element of local memory. */
  void local(LocalArray array, int index, WorkItem item, int site);
}
