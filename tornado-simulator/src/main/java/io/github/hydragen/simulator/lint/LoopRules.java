package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ControlFlow;
import io.github.hydragen.simulator.lint.Loops.Loop;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rule for the ways out of loops. A loop may be left in several places as long as all of them
 * come together in one place before the method ends or a loop around it goes on: that is what its
 * condition and plain breaks do.
 */
final class LoopRules {
  private final CheckedMethod method;
  private final ControlFlow flow;
  private final Loops loops;

  LoopRules(CheckedMethod method) {
    this.method = method;
    flow = method.dataflow().flow();
    loops = new Loops(method.dataflow());
  }

  void check() {
    for (Loop loop : loops.all()) {
      boolean onlyLoop = loops.depth(loop.header()) == 1;
      if (!(onlyLoop && method.isKernel()) && !hasOneEnd(loop)) {
        method.report(LintRule.LOOP_EXIT, loop.header(), "the loop that starts here");
      }
    }
  }

  private boolean hasOneEnd(Loop loop) {
    List<Integer> exits = loops.exits(loop);
    return exits.isEmpty() || exits.stream().anyMatch(end -> allReach(end, exits, loop));
  }

  private boolean allReach(int end, List<Integer> exits, Loop loop) {
    return exits.stream().allMatch(exit -> cannotMiss(end, exit, loop));
  }

  /** Tells whether every way from {@code exit} on comes to {@code end} before anything else. */
  private boolean cannotMiss(int end, int exit, Loop loop) {
    Set<Integer> seen = new HashSet<>();
    ArrayDeque<Integer> work = new ArrayDeque<>();
    work.add(exit);
    while (!work.isEmpty()) {
      int index = work.removeFirst();
      if (index != end && seen.add(index)) {
        if (flow.successors(index).isEmpty() || isAroundOf(index, loop)) {
          return false;
        }
        work.addAll(flow.successors(index));
      }
    }
    return true;
  }

  /** Tells whether a loop around {@code loop} starts at {@code index}. */
  private boolean isAroundOf(int index, Loop loop) {
    return loops.all().stream()
        .anyMatch(other -> other.header() == index && other.body().get(loop.header()));
  }
}
