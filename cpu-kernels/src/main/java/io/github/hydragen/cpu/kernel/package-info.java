/**
 * The two kernels and the states of rows that they leave: {@link
 * io.github.hydragen.cpu.kernel.StreamKernel} for few queries, {@link
 * io.github.hydragen.cpu.kernel.MatrixKernel} for many.
 */
@NullMarked
package io.github.hydragen.cpu.kernel;

import org.jspecify.annotations.NullMarked;
