package io.github.hydragen;

/**
 * What an engine holds.
 *
 * @param kvBytes keys and values stored, as {@code tokens * kvHeads * headDim * 2 * bytes} of the
 *     capacity asked for
 * @param allocatedBytes everything the engine has allocated now: keys, values, padding, workspace
 * @param peakBytes the most it ever held
 */
public record MemoryUsage(long kvBytes, long allocatedBytes, long peakBytes) {}
