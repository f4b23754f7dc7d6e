/** Other libraries' attention, from Maven Central: compiled by the profile {@code peers} only. */
@NullMarked
package io.github.hydragen.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
