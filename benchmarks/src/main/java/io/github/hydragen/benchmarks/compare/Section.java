package io.github.hydragen.benchmarks.compare;

import java.util.Locale;

/** What a comparison is about. */
public enum Section {
  /** Whole decode steps, ours and the peers'. */
  STEP,
  /** Whole decode steps of few sequences. */
  SMALL,
  /** The pass over the prefix alone. */
  PREFIX,
  /** The pass over the suffixes alone. */
  SUFFIX,
  /** Our step with the prefix shared, and with a copy for every sequence. */
  SHARING,
  /** Our step at growing suffixes and batches, on one thread and on all. */
  SCALING,
  /** The spread of many steps of ours in a row. */
  SPREAD;

  /** As in the export and on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
