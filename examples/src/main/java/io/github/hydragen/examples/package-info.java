/** Examples to start from: a small decoder-only transformer on the attention engine. */
@NullMarked
package io.github.hydragen.examples;

import org.jspecify.annotations.NullMarked;
