/** What is measured: decode steps of this project's engine and of others, and prefix detection. */
@NullMarked
package io.github.hydragen.benchmarks;

import org.jspecify.annotations.NullMarked;
