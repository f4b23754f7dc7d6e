/**
 * Task graphs and how they are placed on a device: {@link
 * io.github.hydragen.tornado.graph.StepGraph} is the attention's part, {@link
 * io.github.hydragen.tornado.graph.Pipeline} a batch's whole graph.
 */
@NullMarked
package io.github.hydragen.tornado.graph;

import org.jspecify.annotations.NullMarked;
