package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.Dataflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;

/**
 * The loops of a method: what leads back to an earlier instruction, and everything on the way. All
 * ways back to one instruction make one loop.
 */
final class Loops {

  /**
   * A loop.
   *
   * @param header the instruction it starts at
   * @param body the instructions it is made of
   */
  record Loop(int header, BitSet body) {}

  private final Dataflow dataflow;
  private final List<Loop> found = new ArrayList<>();

  Loops(Dataflow dataflow) {
    this.dataflow = dataflow;
    TreeMap<Integer, BitSet> bodies = new TreeMap<>();
    for (int i = 0; i < dataflow.flow().size(); i++) {
      if (dataflow.before(i) != null) {
        for (int target : dataflow.flow().successors(i)) {
          if (target <= i) {
            collect(bodies.computeIfAbsent(target, any -> new BitSet()), target, i);
          }
        }
      }
    }
    bodies.forEach((header, body) -> found.add(new Loop(header, body)));
  }

  private void collect(BitSet body, int header, int end) {
    body.set(header);
    ArrayDeque<Integer> work = new ArrayDeque<>();
    work.add(end);
    while (!work.isEmpty()) {
      int index = work.removeFirst();
      if (!body.get(index)) {
        body.set(index);
        work.addAll(dataflow.predecessors(index));
      }
    }
  }

  /** Returns the loops, by the instruction they start at. */
  List<Loop> all() {
    return found;
  }

  /** Returns in how many loops the instruction is. */
  int depth(int index) {
    return (int) found.stream().filter(loop -> loop.body().get(index)).count();
  }

  /** Tells whether the branch can leave a loop that it is in. */
  boolean leaves(int branch) {
    return found.stream()
        .filter(loop -> loop.body().get(branch))
        .anyMatch(
            loop ->
                dataflow.flow().successors(branch).stream()
                    .anyMatch(next -> !loop.body().get(next)));
  }

  /** Returns the instructions outside the loop that follow one inside it. */
  List<Integer> exits(Loop loop) {
    return loop.body().stream()
        .boxed()
        .flatMap(index -> dataflow.flow().successors(index).stream())
        .filter(next -> !loop.body().get(next))
        .distinct()
        .toList();
  }
}
