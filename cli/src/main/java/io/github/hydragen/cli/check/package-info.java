/** Reproducible data and the comparison of results with the exact reference. */
@NullMarked
package io.github.hydragen.cli.check;

import org.jspecify.annotations.NullMarked;
