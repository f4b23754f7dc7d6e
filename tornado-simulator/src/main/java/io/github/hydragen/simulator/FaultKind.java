package io.github.hydragen.simulator;

/** What can be wrong with a kernel or with the graph around it. */
public enum FaultKind {
  /** An index outside an array, in global, local or private memory. */
  OUT_OF_BOUNDS,
  /** Not every thread of a work-group reaches the same barrier. */
  BARRIER_DIVERGENCE,
  /** Threads of a work-group allocate different local arrays, or one twice. */
  LOCAL_ALLOCATION_MISMATCH,
  /** More local memory than a work-group has. */
  LOCAL_MEMORY_EXCEEDED,
  /** Not every thread of a warp reaches the same shuffle or matrix instruction. */
  WARP_DIVERGENCE,
  /** A read of local, private or global memory that nothing has written. */
  UNWRITTEN_READ,
  /** A read of an array whose contents were never copied to the device. */
  NOT_TRANSFERRED,
  /** Two accesses, one of them a write, that no barrier orders. */
  DATA_RACE,
  /** A read of a local element whose asynchronous copy has not been waited for. */
  ASYNC_COPY_PENDING,
  /** An access whose address is not a multiple of its size. */
  MISALIGNED_ACCESS,
  /** A matrix instruction with operands it does not take. */
  MATRIX_OPERAND,
  /** An exception in the kernel, such as a division by zero. */
  KERNEL_EXCEPTION
}
