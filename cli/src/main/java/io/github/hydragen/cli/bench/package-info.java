/** Times decode steps with and without sharing, and reports. */
@NullMarked
package io.github.hydragen.cli.bench;

import org.jspecify.annotations.NullMarked;
