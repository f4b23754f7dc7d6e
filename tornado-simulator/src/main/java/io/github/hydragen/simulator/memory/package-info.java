/** The memory of the simulated device. */
@NullMarked
package io.github.hydragen.simulator.memory;

import org.jspecify.annotations.NullMarked;
