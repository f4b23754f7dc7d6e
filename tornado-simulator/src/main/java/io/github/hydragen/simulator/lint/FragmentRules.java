package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.BranchWalk;
import io.github.hydragen.simulator.bytecode.Frame;
import io.github.hydragen.simulator.bytecode.Value;
import io.github.hydragen.simulator.bytecode.Value.Origin;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StoreInstruction;

/** Rules for the fragments of matrix instructions. */
final class FragmentRules {
  private final CheckedMethod method;
  private final Loops loops;

  FragmentRules(CheckedMethod method) {
    this.method = method;
    loops = new Loops(method.dataflow());
  }

  void check() {
    method.visit(this::check);
  }

  private void check(Instruction instruction, int index, Frame frame) {
    if (instruction instanceof ArrayLoadInstruction && isFragment(frame.top(1))) {
      method.report(LintRule.FRAGMENT_ACCESS, index, "read of an element");
    } else if (instruction instanceof ArrayStoreInstruction && isFragment(frame.top(2))) {
      method.report(LintRule.FRAGMENT_ACCESS, index, "write of an element");
    } else if (instruction instanceof OperatorInstruction operator
        && operator.opcode() == Opcode.ARRAYLENGTH
        && isFragment(frame.top(0))) {
      method.report(LintRule.FRAGMENT_ACCESS, index, "length");
    } else if (instruction instanceof StoreInstruction store
        && isFragment(frame.top(0))
        && isFragment(frame.local(store.slot()))
        && isConditional(index)) {
      method.report(LintRule.FRAGMENT_ASSIGNMENT, index, "assignment under a condition");
    }
  }

  private static boolean isFragment(Value value) {
    return value.origin() == Origin.FRAGMENT;
  }

  /** The condition of the loop that the instruction is in does not count. */
  private boolean isConditional(int index) {
    BranchWalk walk = BranchWalk.back(method.dataflow(), index);
    return walk.branch() >= 0 && !loops.leaves(walk.branch());
  }
}
