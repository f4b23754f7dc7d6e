/**
 * The CPU engine: Vector API kernels with scalar twins.
 *
 * <p>This package has the backend and its jobs, and uses all of those below it. Keys and values lie
 * off-heap in blocks ({@link io.github.hydragen.cpu.store.KvLayout}). Two kernels work on any run
 * of them: {@link io.github.hydragen.cpu.kernel.StreamKernel} for few queries, {@link
 * io.github.hydragen.cpu.kernel.MatrixKernel} for many.
 */
@NullMarked
package io.github.hydragen.cpu;

import org.jspecify.annotations.NullMarked;
