package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.instruction.BranchInstruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way back from an instruction to the branch that decides on it, as long as there is only one.
 *
 * @param branch the index of the branch; -1 where there is none
 * @param taken whether the way is where the branch goes to
 * @param reachedStart whether the way led to the start of the method
 */
public record BranchWalk(int branch, boolean taken, boolean reachedStart) {

  /** Walks back from the instruction at {@code index}. */
  public static BranchWalk back(Dataflow dataflow, int index) {
    ControlFlow flow = dataflow.flow();
    int at = index;
    while (at > 0) {
      List<Integer> predecessors = dataflow.predecessors(at);
      if (predecessors.size() != 1) {
        return new BranchWalk(-1, false, false);
      }
      int previous = predecessors.getFirst();
      if (flow.element(previous) instanceof BranchInstruction branch
          && !ControlFlow.isGoto(branch)) {
        return new BranchWalk(previous, flow.indexOf(branch.target()) == at, false);
      }
      at = previous;
    }
    return new BranchWalk(-1, false, dataflow.predecessors(0).isEmpty());
  }

  ParameterUse.@Nullable Condition condition(int depth) {
    return branch < 0 ? null : new ParameterUse.Condition(depth + ":" + branch, taken);
  }
}
