package io.github.hydragen.tornado.plan;

import java.util.Comparator;

/**
 * One attention task of the graph: a kernel over one store. Passes over prefixes come first.
 *
 * @param suffix whether the store is one of suffixes, otherwise of prefixes
 * @param store the number of the store
 * @param tiled whether the kernel is the tile pass, otherwise the stream pass
 */
public record Pass(boolean suffix, int store, boolean tiled) implements Comparable<Pass> {
  private static final Comparator<Pass> ORDER =
      Comparator.comparing(Pass::suffix).thenComparing(Pass::store).thenComparing(Pass::tiled);

  @Override
  public int compareTo(Pass that) {
    return ORDER.compare(this, that);
  }

  /** What its task is called in the graph of a batch. */
  public String taskName() {
    return (suffix ? "suffix" : "prefix") + store + (tiled ? "tile" : "stream");
  }

  Pass other() {
    return new Pass(suffix, store, !tiled);
  }
}
