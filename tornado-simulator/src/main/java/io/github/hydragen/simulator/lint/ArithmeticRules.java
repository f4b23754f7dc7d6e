package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.Frame;
import io.github.hydragen.simulator.bytecode.Value;
import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.OperatorInstruction;

/** Rules for shifts, divisions and infinite constants. */
final class ArithmeticRules {
  private final CheckedMethod method;

  ArithmeticRules(CheckedMethod method) {
    this.method = method;
  }

  void check() {
    method.visit(this::check);
  }

  private void check(Instruction instruction, int index, Frame frame) {
    if (instruction instanceof OperatorInstruction operator) {
      switch (operator.opcode()) {
        case IUSHR, LUSHR -> method.report(LintRule.UNSIGNED_SHIFT, index, ">>>");
        case IDIV, LDIV -> checkDivision("/", index, frame);
        case IREM, LREM -> checkDivision("%", index, frame);
        default -> {}
      }
    } else if (instruction instanceof ConstantInstruction constant
        && constant.constantValue() instanceof Number number
        && Double.isInfinite(number.doubleValue())) {
      method.report(LintRule.INFINITE_CONSTANT, index, number.toString());
    }
  }

  private void checkDivision(String operator, int index, Frame frame) {
    if (!frame.top(1).nonNegative() && mayBePowerOfTwo(frame.top(0))) {
      method.report(LintRule.NEGATIVE_DIVISION, index, operator);
    }
  }

  private static boolean mayBePowerOfTwo(Value divisor) {
    Integer constant = divisor.constant();
    return constant == null || Integer.bitCount(Math.abs(constant)) == 1;
  }
}
