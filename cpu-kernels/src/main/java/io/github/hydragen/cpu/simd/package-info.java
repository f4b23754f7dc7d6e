/**
 * The inner loops, on vectors and as scalar twins; {@link io.github.hydragen.cpu.simd.Simd} says
 * which of them this JVM can run.
 */
@NullMarked
package io.github.hydragen.cpu.simd;

import org.jspecify.annotations.NullMarked;
