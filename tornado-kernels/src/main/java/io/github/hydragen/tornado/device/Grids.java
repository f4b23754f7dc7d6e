package io.github.hydragen.tornado.device;

import uk.ac.manchester.tornado.api.GridScheduler;

/**
 * The grids of a plan's tasks. For the result of every execution TornadoVM writes out the plan,
 * which nobody reads here: with the numbers of all grids that was an eighth of the host's time of a
 * step (samples, with a driver that does nothing, 2026-11-29).
 */
public final class Grids extends GridScheduler {
  @Override
  public String toString() {
    return "grids";
  }
}
