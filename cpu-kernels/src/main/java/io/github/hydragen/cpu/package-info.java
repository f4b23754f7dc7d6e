/**
 * The CPU engine: Vector API kernels with scalar twins.
 *
 * <p>Keys and values lie off-heap in blocks ({@link io.github.hydragen.cpu.KvLayout}). Two kernels
 * work on any run of them: {@link io.github.hydragen.cpu.StreamKernel} for few queries, {@link
 * io.github.hydragen.cpu.MatrixKernel} for many.
 */
@NullMarked
package io.github.hydragen.cpu;

import org.jspecify.annotations.NullMarked;
