/** Compares backends with the exact reference over a grid of cases. */
@NullMarked
package io.github.hydragen.cli.verify;

import org.jspecify.annotations.NullMarked;
