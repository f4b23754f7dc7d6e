package io.github.hydragen.simulator.runtime;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which warp of a work-group was the first to read each sector of an array. */
final class SectorReuse {
  private final Map<Long, Integer> firstWarps = new HashMap<>();
  private @Nullable WorkGroup group;
  private int warp;

  /** Says which thread's warp reads from now on. */
  void enter(WorkItem item) {
    if (item.group() != group) {
      group = item.group();
      firstWarps.clear();
    }
    warp = item.number() / Warp.LANES;
  }

  /** Returns how many of the first {@code count} sectors another warp of the group had read. */
  int again(long[] sectors, int count) {
    int again = 0;
    for (int i = 0; i < count; i++) {
      Integer first = firstWarps.putIfAbsent(sectors[i], warp);
      again += first == null || first == warp ? 0 : 1;
    }
    return again;
  }
}
