/** What rewritten kernels call. Not meant for other callers. */
@NullMarked
package io.github.hydragen.simulator.runtime;

import org.jspecify.annotations.NullMarked;
