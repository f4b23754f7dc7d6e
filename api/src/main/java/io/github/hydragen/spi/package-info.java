/**
 * What a backend implements.
 *
 * <p>Arguments arrive validated: shapes fit, tensors may be touched by any thread, lengths are
 * within capacity, nothing is closed. One engine's calls never overlap.
 */
@NullMarked
package io.github.hydragen.spi;

import org.jspecify.annotations.NullMarked;
