/**
 * Finds what sequences share, from their token ids.
 *
 * <p>A {@link io.github.hydragen.prefix.PrefixTree} follows sequences as they come and go; at any
 * moment its {@link io.github.hydragen.prefix.SharedPrefixes} say which prefixes an engine should
 * hold and which sequences to attach to each.
 */
@NullMarked
package io.github.hydragen.prefix;

import org.jspecify.annotations.NullMarked;
