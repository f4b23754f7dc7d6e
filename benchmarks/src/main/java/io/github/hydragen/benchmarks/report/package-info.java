/** Turns measurements in JSON into the tables and plots of docs/performance.md. */
@NullMarked
package io.github.hydragen.benchmarks.report;

import org.jspecify.annotations.NullMarked;
