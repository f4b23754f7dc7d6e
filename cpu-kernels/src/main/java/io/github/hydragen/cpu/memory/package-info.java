/** Memory outside of the Java heap, and the account of what an engine holds. */
@NullMarked
package io.github.hydragen.cpu.memory;

import org.jspecify.annotations.NullMarked;
