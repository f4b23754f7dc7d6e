package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ControlFlow;
import io.github.hydragen.simulator.bytecode.Dataflow;
import io.github.hydragen.simulator.bytecode.Frame;
import io.github.hydragen.simulator.bytecode.MethodKey;
import java.lang.classfile.Instruction;
import java.util.Set;

/**
 * A method under check, and where its findings go.
 *
 * @param key the method
 * @param dataflow what is known of its values
 * @param isKernel whether it is a kernel, not a helper
 * @param portable whether it must run on every backend
 * @param findings where findings go
 */
record CheckedMethod(
    MethodKey key,
    Dataflow dataflow,
    boolean isKernel,
    boolean portable,
    Set<LintFinding> findings) {

  /** Takes an instruction, its index and what is known before it. */
  @FunctionalInterface
  interface InstructionCheck {
    void check(Instruction instruction, int index, Frame frame);
  }

  /** Visits the instructions that can be reached, in order. */
  void visit(InstructionCheck check) {
    ControlFlow flow = dataflow.flow();
    for (int i = 0; i < flow.size(); i++) {
      Frame frame = dataflow.before(i);
      if (frame != null && flow.element(i) instanceof Instruction instruction) {
        check.check(instruction, i, frame);
      }
    }
  }

  void report(LintRule rule, int index, String detail) {
    int line = dataflow.flow().line(index);
    findings.add(new LintFinding(rule, key.toString(), line, detail));
  }
}
