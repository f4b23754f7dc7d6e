/**
 * A device: how it is reached, what is free on it, which kernels it can run, and the arrays and
 * grids that are sent there. {@link io.github.hydragen.tornado.device.Devices} starts TornadoVM.
 */
@NullMarked
package io.github.hydragen.tornado.device;

import org.jspecify.annotations.NullMarked;
