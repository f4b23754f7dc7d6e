/** Public types. */
@NullMarked
package io.github.hydragen;

import org.jspecify.annotations.NullMarked;
