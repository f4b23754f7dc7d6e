package io.github.hydragen.cli.verify;

import io.github.hydragen.EngineOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Who shares what in a case.
 *
 * @param prefixes each after its parent
 * @param sequences the batch
 * @param steps decode steps behind the first call: a new token of each sequence
 * @param options changes to the engine's options
 */
record Layout(
    List<PrefixNode> prefixes,
    List<Sequence> sequences,
    int steps,
    UnaryOperator<EngineOptions> options) {
  /** The parent of a prefix without one, the prefix of a sequence without one. */
  static final int NONE = -1;

  /**
   * A prefix.
   *
   * @param parent index of the prefix before it, or {@link #NONE}
   * @param length tokens, 0 or more
   */
  record PrefixNode(int parent, int length) {}

  /**
   * A sequence.
   *
   * @param prefix index of its prefix, or {@link #NONE}
   * @param suffix its own tokens, the new ones included
   * @param newTokens queries, its last tokens
   */
  record Sequence(int prefix, int suffix, int newTokens) {}

  /** The layouts of the grid by name: small, but with lengths that fit no tile. */
  static Map<String, Layout> grid() {
    List<PrefixNode> one = List.of(new PrefixNode(NONE, 207));
    List<PrefixNode> tree =
        List.of(
            new PrefixNode(NONE, 129),
            new PrefixNode(0, 13),
            new PrefixNode(0, 64),
            new PrefixNode(2, 1),
            new PrefixNode(NONE, 0));
    List<Sequence> flat =
        List.of(at(0, 1), at(0, 13), at(0, 128), at(0, 207), at(0, 0), at(0, 64), at(0, 5));
    Map<String, Layout> grid = new LinkedHashMap<>();
    grid.put("unshared", new Layout(List.of(), List.of(at(NONE, 1), at(NONE, 77)), 0, o -> o));
    grid.put("flat", new Layout(one, flat, 0, o -> o));
    grid.put(
        "tree",
        new Layout(
            tree,
            List.of(at(1, 9), at(1, 2), at(2, 31), at(3, 1), at(3, 70), at(0, 4), at(4, 3)),
            0,
            o -> o));
    grid.put(
        "several",
        new Layout(
            tree,
            List.of(
                new Sequence(1, 9, 3),
                new Sequence(1, 40, 1),
                new Sequence(3, 7, 7),
                new Sequence(NONE, 5, 2),
                new Sequence(2, 6, 0)),
            0,
            o -> o));
    grid.put("capped", new Layout(one, flat, 0, o -> o.withLogitSoftCap(5)));
    grid.put("window", new Layout(one, flat, 0, o -> o.withWindow(100)));
    return grid;
  }

  private static Sequence at(int prefix, int suffix) {
    return new Sequence(prefix, suffix, 1);
  }
}
