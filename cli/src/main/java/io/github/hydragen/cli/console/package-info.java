/** What all commands share: streams, exit codes, tables and units. */
@NullMarked
package io.github.hydragen.cli.console;

import org.jspecify.annotations.NullMarked;
