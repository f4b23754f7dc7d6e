/** Finds constructs that TornadoVM refuses or, worse, compiles to something else. */
@NullMarked
package io.github.hydragen.simulator.lint;

import org.jspecify.annotations.NullMarked;
