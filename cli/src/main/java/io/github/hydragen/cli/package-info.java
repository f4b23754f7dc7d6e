/** Placeholder replaced below. */
@NullMarked
package io.github.hydragen.cli;

import org.jspecify.annotations.NullMarked;
