package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.runtime.Collective.Barrier;
import io.github.hydragen.simulator.runtime.Collective.LoadMatrix;
import io.github.hydragen.simulator.runtime.Collective.Multiply;
import io.github.hydragen.simulator.runtime.Collective.Shuffle;
import java.util.List;

/** Up to 32 threads with neighbouring numbers, which exchange numbers and share matrices. */
final class Warp {
  static final int LANES = 32;

  private final WorkGroup group;
  private final List<WorkItem> items;

  Warp(WorkGroup group, List<WorkItem> items) {
    this.group = group;
    this.items = items;
  }

  /** Runs the threads until each waits at a barrier or has ended. */
  void run() {
    boolean progress = true;
    while (progress) {
      for (WorkItem item : items) {
        if (item.state() == WorkItem.State.RUNNING) {
          group.advance(item);
        }
      }
      group.launch().log().converged();
      progress = exchanged();
    }
  }

  /** Carries out what the threads wait for; false where that is a barrier, or the end. */
  private boolean exchanged() {
    boolean waiting = false;
    for (WorkItem item : items) {
      waiting |= item.isSuspended() && !(item.collective() instanceof Barrier);
    }
    if (!waiting) {
      return false;
    }
    checkConverged();
    Collective operation = items.getFirst().collective();
    if (operation instanceof Shuffle) {
      group.launch().log().shuffle();
      Shuffles.execute(items);
    } else if (operation instanceof LoadMatrix) {
      MatrixUnit.load(items);
    } else if (operation instanceof Multiply) {
      group.launch().log().multiply();
      MatrixUnit.multiply(items);
    }
    return true;
  }

  private void checkConverged() {
    WorkItem first = items.getFirst();
    if (items.size() < LANES) {
      throw group
          .launch()
          .faults()
          .in(
              group,
              FaultKind.WARP_DIVERGENCE,
              "%s, but its warp has only %d threads"
                  .formatted(group.describe(first), items.size()));
    }
    for (WorkItem item : items) {
      if (item.state() != first.state() || item.site() != first.site()) {
        throw group
            .launch()
            .faults()
            .in(
                group,
                FaultKind.WARP_DIVERGENCE,
                "%s and %s".formatted(group.describe(first), group.describe(item)));
      }
    }
  }
}
