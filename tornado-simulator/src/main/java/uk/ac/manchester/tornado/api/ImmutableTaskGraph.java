package uk.ac.manchester.tornado.api;

import io.github.hydragen.simulator.engine.Graph;

/** A frozen task graph. */
public class ImmutableTaskGraph {
  private final Graph graph;

  ImmutableTaskGraph(Graph graph) {
    this.graph = graph;
  }

  Graph graph() {
    return graph;
  }
}
