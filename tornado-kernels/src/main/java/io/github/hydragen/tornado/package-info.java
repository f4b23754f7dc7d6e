/**
 * The TornadoVM backend: attention on OpenCL, PTX and CUDA devices, or on their simulator.
 *
 * <p>This package has the providers, engines and their batches, resident steps and what a model's
 * kernels see of these, and uses all of those below it.
 */
@NullMarked
package io.github.hydragen.tornado;

import org.jspecify.annotations.NullMarked;
