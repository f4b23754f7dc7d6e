package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.runtime.Collective.Shuffle;
import java.util.List;

/** Exchange of numbers between the threads of a full warp. */
final class Shuffles {
  private Shuffles() {}

  static void execute(List<WorkItem> items) {
    Shuffle first = (Shuffle) items.getFirst().collective();
    switch (first.kind()) {
      case SUM -> sum(items);
      case DOWN -> down(items);
      case BROADCAST_FIRST -> items.forEach(item -> item.release(first.value()));
    }
  }

  /** The order of additions of a butterfly over lane masks 16, 8, 4, 2 and 1. */
  private static void sum(List<WorkItem> items) {
    float[] sums = values(items);
    for (int mask = Warp.LANES / 2; mask > 0; mask /= 2) {
      float[] next = new float[Warp.LANES];
      for (int lane = 0; lane < Warp.LANES; lane++) {
        next[lane] = sums[lane] + sums[lane ^ mask];
      }
      sums = next;
    }
    for (int lane = 0; lane < Warp.LANES; lane++) {
      items.get(lane).release(sums[lane]);
    }
  }

  private static void down(List<WorkItem> items) {
    float[] values = values(items);
    for (int lane = 0; lane < Warp.LANES; lane++) {
      int source = lane + ((Shuffle) items.get(lane).collective()).delta();
      boolean inside = source >= 0 && source < Warp.LANES;
      items.get(lane).release(values[inside ? source : lane]);
    }
  }

  private static float[] values(List<WorkItem> items) {
    float[] values = new float[Warp.LANES];
    for (int lane = 0; lane < Warp.LANES; lane++) {
      values[lane] = ((Shuffle) items.get(lane).collective()).value();
    }
    return values;
  }
}
