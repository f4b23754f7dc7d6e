package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.Backends;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.benchmarks.sharing.Contenders.Ways;
import java.util.ArrayList;
import java.util.List;

/** Measures all points of one layout in this JVM. */
final class SharingGrid {
  /** What the choice may lose. */
  static final double BOUND = 0.05;

  /** Tokens of a suffix: few, as more of them hide what a wrong choice costs. */
  static final int SUFFIX = 16;

  private static final int MOST_BATCH = 512;
  private static final int LEAST_PREFIX = 16;
  private static final int MOST_PREFIX = 16_384;
  private static final int LONGER = 4;
  private static final int[] WARM_UP_PREFIXES = {64, 1024};
  private static final int[] WARM_UP_BATCHES = {1, 2, 4, 12, 24, 64};
  private static final long WARM_UP_NANOS = 200_000_000;

  private final Layout layout;
  private final long nanos;

  /**
   * A grid.
   *
   * @param nanos to measure a point for, more where steps are long
   */
  SharingGrid(Layout layout, long nanos) {
    this.layout = layout;
    this.nanos = nanos;
  }

  /** Calibrates the backend, warms up, and measures. */
  List<SharingCell> measure() {
    Backends.calibrate(
        EngineOptions.defaults().withBackend("cpu").withStorage(layout.type()), true);
    for (int prefix : WARM_UP_PREFIXES) {
      try (Contenders contenders = new Contenders(layout, prefix)) {
        for (int batch : WARM_UP_BATCHES) {
          try (Ways ways = contenders.ways(batch, SUFFIX, true)) {
            new CellTimer(ways.steps()).time(WARM_UP_NANOS);
          }
        }
      }
    }
    List<SharingCell> cells = new ArrayList<>();
    row(0, cells);
    for (int prefix = LEAST_PREFIX; prefix <= MOST_PREFIX; prefix *= 2) {
      row(prefix, cells);
    }
    return cells;
  }

  private void row(int prefix, List<SharingCell> cells) {
    try (Contenders contenders = new Contenders(layout, prefix)) {
      for (int batch = 1; batch <= MOST_BATCH; batch *= 2) {
        boolean own = prefix == 0 || batch == 1;
        try (Ways ways = contenders.ways(batch, SUFFIX, own)) {
          SharingCell cell = cell(ways, batch, prefix, own, nanos, false);
          cells.add(
              cell.loss() <= BOUND ? cell : cell(ways, batch, prefix, own, LONGER * nanos, true));
        }
      }
    }
  }

  private static SharingCell cell(
      Ways ways, int batch, int prefix, boolean own, long nanos, boolean repeated) {
    CellTimer timer = new CellTimer(ways.steps());
    timer.time(nanos);
    return new SharingCell(
        batch,
        prefix,
        ways.shares(),
        timer.micros(0),
        timer.micros(1),
        timer.micros(2),
        own ? timer.micros(3) : null,
        timer.loss(1),
        timer.loss(2),
        own ? timer.loss(3) : null,
        timer.rounds(),
        repeated);
  }
}
