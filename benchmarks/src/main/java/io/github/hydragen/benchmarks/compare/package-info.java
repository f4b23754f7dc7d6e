/** Times this project's engine and its peers in turns and writes what it found as JSON. */
@NullMarked
package io.github.hydragen.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
