/** Reading and rewriting of the byte code of kernels. */
@NullMarked
package io.github.hydragen.simulator.bytecode;

import org.jspecify.annotations.NullMarked;
