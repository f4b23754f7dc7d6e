/**
 * How keys and values are stored: their layout, who owns their memory, and who writes and copies
 * them. A pass reads them as a {@link io.github.hydragen.cpu.store.KvRun}.
 */
@NullMarked
package io.github.hydragen.cpu.store;

import org.jspecify.annotations.NullMarked;
