package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ApiNames;
import io.github.hydragen.simulator.bytecode.Frame;
import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.List;
import java.util.Map;

/**
 * The rule for local arrays of kernels with matrix fragments: CUDA puts them one behind the other,
 * aligned to their elements alone, while {@code ldmatrix} reads rows at multiples of 16 bytes.
 */
final class AlignmentRules {
  private static final int ROW = 16;

  private static final Map<String, Integer> ELEMENT_BYTES =
      Map.of(
          "allocateByteLocalArray", 1,
          "allocateHalfFloatLocalArray", 2,
          "allocateHalf2LocalArray", 4,
          "allocateIntLocalArray", 4,
          "allocateFloatLocalArray", 4,
          "allocateLongLocalArray", 8,
          "allocateDoubleLocalArray", 8);

  private final List<CheckedMethod> methods;
  private boolean loadsFragments;

  /** For a kernel and the methods it calls. */
  AlignmentRules(List<CheckedMethod> methods) {
    this.methods = methods;
  }

  void check() {
    methods.forEach(
        method ->
            method.visit(
                (instruction, index, frame) ->
                    loadsFragments |= contextCall(instruction).startsWith("mmaLoad")));
    if (loadsFragments) {
      methods.forEach(
          method ->
              method.visit(
                  (instruction, index, frame) -> check(method, instruction, index, frame)));
    }
  }

  private static void check(CheckedMethod method, Instruction instruction, int index, Frame frame) {
    Integer bytes = ELEMENT_BYTES.get(contextCall(instruction));
    if (bytes != null) {
      Integer elements = frame.top(0).constant();
      if (elements != null && elements * bytes % ROW != 0) {
        method.report(LintRule.LOCAL_ARRAY_ALIGNMENT, index, elements * bytes + " bytes");
      }
    }
  }

  /** The name of the method of the kernel's context that is called, or nothing. */
  private static String contextCall(Instruction instruction) {
    return instruction instanceof InvokeInstruction invoke
            && invoke.owner().asInternalName().equals(ApiNames.KERNEL_CONTEXT)
        ? invoke.name().stringValue()
        : "";
  }
}
