/**
 * The work of a step: which prefixes are shared, how keys are cut into segments, and the work items
 * that the kernels read, all of it in one array of ints.
 */
@NullMarked
package io.github.hydragen.tornado.plan;

import org.jspecify.annotations.NullMarked;
