/** Benchmarks of the CPU engine for JMH. */
@NullMarked
package io.github.hydragen.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
