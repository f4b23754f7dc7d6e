/** Case files: attention on tensors from a file. */
@NullMarked
package io.github.hydragen.cli.attend;

import org.jspecify.annotations.NullMarked;
