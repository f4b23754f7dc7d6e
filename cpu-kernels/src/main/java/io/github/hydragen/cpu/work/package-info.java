/** The threads of an engine, and how items of work are dealt out to them. */
@NullMarked
package io.github.hydragen.cpu.work;

import org.jspecify.annotations.NullMarked;
