package io.github.hydragen;

/**
 * What an engine holds.
 *
 * @param kvBytes keys and values stored, as {@code tokens * kvHeads * headDim * 2 * bytes}: of
 *     prefixes their tokens, of batches the capacity asked for, or with {@linkplain
 *     EngineOptions#withPageTokens pages} the tokens of the pages that their sequences hold
 * @param allocatedBytes everything the engine has allocated now: keys, values, padding, workspace,
 *     and pages kept for the next sequence
 * @param peakBytes the most it ever held
 */
public record MemoryUsage(long kvBytes, long allocatedBytes, long peakBytes) {}
