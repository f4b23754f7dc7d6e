/** Placeholder replaced below. */
@NullMarked
package io.github.hydragen.benchmarks;

import org.jspecify.annotations.NullMarked;
