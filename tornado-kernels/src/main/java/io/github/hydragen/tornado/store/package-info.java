/**
 * Keys and values as they lie on a device: their layout, the stores of a batch and the prefixes
 * that fill them, and how they are packed for the matrix units. {@link
 * io.github.hydragen.tornado.store.EngineDevice} is what an engine has of its device.
 */
@NullMarked
package io.github.hydragen.tornado.store;

import org.jspecify.annotations.NullMarked;
