/** Faults that the simulator finds in kernels, and what it counts. */
@NullMarked
package io.github.hydragen.simulator;

import org.jspecify.annotations.NullMarked;
