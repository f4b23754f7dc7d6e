/**
 * Exact attention for batches of sequences that share prefixes.
 *
 * <p>Start with {@link io.github.hydragen.AttentionEngine#open}. LSE (log-sum-exp) is the natural
 * logarithm in fp32 everywhere; the state of a query that sees no key is (0, -infinity).
 */
@NullMarked
package io.github.hydragen;

import org.jspecify.annotations.NullMarked;
