package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.KernelClasses;
import io.github.hydragen.simulator.bytecode.MethodKey;
import io.github.hydragen.simulator.bytecode.Reachable;
import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.regex.Pattern;

/** Rules for whole methods, and for the constructs that have no place in any kernel. */
final class MethodRules {
  private static final Pattern CUDA_TYPE =
      Pattern.compile(
          "(u?(char|short|int|long|longlong)|float|double)([1-4]|8|16)?"
              + "|u(char|short|int|long)|(__)?half2?|(__)?(nv_)?bfloat16[12]?|dim3|size_t|bool"
              + "|cuda\\w*|texture\\w*|surface\\w*");

  private final CheckedMethod method;
  private final KernelClasses reader;

  MethodRules(CheckedMethod method, KernelClasses reader) {
    this.method = method;
    this.reader = reader;
  }

  void check() {
    String name = method.key().name();
    if (method.isKernel() && CUDA_TYPE.matcher(name).matches()) {
      method.report(LintRule.CUDA_NAME, 0, name);
    }
    if (lacksVariableTable(method.dataflow().method())) {
      method.report(LintRule.NO_DEBUG_INFORMATION, 0, name);
    }
    for (CodeElement element : method.dataflow().flow().elements()) {
      if (element instanceof ExceptionCatch) {
        method.report(LintRule.EXCEPTION, 0, "catch or finally");
      }
    }
    method.visit((instruction, index, frame) -> check(instruction, index));
  }

  /** Static methods have variables unless they have neither parameters nor locals. */
  private static boolean lacksVariableTable(MethodModel model) {
    CodeAttribute code = (CodeAttribute) model.code().orElseThrow();
    return code.maxLocals() > 0 && code.findAttributes(Attributes.localVariableTable()).isEmpty();
  }

  private void check(Instruction instruction, int index) {
    if (instruction instanceof ThrowInstruction) {
      method.report(LintRule.EXCEPTION, index, "throw");
    } else if (instruction instanceof InvokeDynamicInstruction) {
      method.report(LintRule.LAMBDA, index, "invokedynamic");
    } else if (instruction instanceof MonitorInstruction) {
      method.report(LintRule.UNSUPPORTED_CALL, index, "synchronized");
    } else if (instruction instanceof InvokeInstruction invoke
        && KernelClasses.isKernelCall(invoke)) {
      checkRecursion(KernelClasses.key(invoke), index);
    }
  }

  private void checkRecursion(MethodKey callee, int index) {
    if (new Reachable(reader, callee).methods().contains(method.key())) {
      method.report(LintRule.RECURSION, index, "call of " + callee.name());
    }
  }
}
