/** Placeholder replaced below. */
@NullMarked
package io.github.hydragen.cpu;

import org.jspecify.annotations.NullMarked;
