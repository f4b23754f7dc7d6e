/** The command {@code hydragen}: its top level, its help and how it ends. */
@NullMarked
package io.github.hydragen.cli;

import org.jspecify.annotations.NullMarked;
