/** The exact reference: attention by its definition, in double precision. */
@NullMarked
package io.github.hydragen.reference;

import org.jspecify.annotations.NullMarked;
