/** Graphs, device memory and the execution of work-groups. */
@NullMarked
package io.github.hydragen.simulator.engine;

import org.jspecify.annotations.NullMarked;
