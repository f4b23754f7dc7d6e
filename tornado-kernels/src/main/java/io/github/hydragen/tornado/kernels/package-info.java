/**
 * The kernels, in the subset of Java that TornadoVM compiles for OpenCL, PTX and CUDA devices.
 *
 * <p>The F16 classes are the F32 classes with another type of array; a test holds them equal.
 */
@NullMarked
package io.github.hydragen.tornado.kernels;

import org.jspecify.annotations.NullMarked;
