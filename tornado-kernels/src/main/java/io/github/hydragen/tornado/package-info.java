/** The TornadoVM backend: attention on OpenCL, PTX and CUDA devices, or on their simulator. */
@NullMarked
package io.github.hydragen.tornado;

import org.jspecify.annotations.NullMarked;
