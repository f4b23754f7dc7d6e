/** Whether the engine's decision to share a prefix is the right one, measured over a grid. */
@NullMarked
package io.github.hydragen.benchmarks.sharing;

import org.jspecify.annotations.NullMarked;
