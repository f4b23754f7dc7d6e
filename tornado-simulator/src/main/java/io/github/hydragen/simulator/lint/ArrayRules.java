package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.Frame;
import io.github.hydragen.simulator.bytecode.KernelClasses;
import io.github.hydragen.simulator.bytecode.Value;
import io.github.hydragen.simulator.bytecode.Value.Origin;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.util.HashSet;
import java.util.Set;

/** Rules for local arrays and for arrays of the thread's own. */
final class ArrayRules {
  /** What CUDA kernels may cast local arrays to, for matrix instructions. */
  private static final Set<String> MATRIX_VIEWS =
      Set.of("[I", "uk/ac/manchester/tornado/api/types/arrays/FloatArray");

  private final CheckedMethod method;

  /** The arrays, by the instruction that made them, that the code so far writes to. */
  private final Set<Integer> written = new HashSet<>();

  ArrayRules(CheckedMethod method) {
    this.method = method;
  }

  void check() {
    method.visit(this::check);
  }

  private void check(Instruction instruction, int index, Frame frame) {
    if (instruction instanceof InvokeInstruction invoke) {
      checkCall(invoke, index, frame);
    } else if (instruction instanceof TypeCheckInstruction check
        && frame.top(0).origin() == Origin.LOCAL_ARRAY
        && (method.portable() || !MATRIX_VIEWS.contains(check.type().asInternalName()))) {
      method.report(LintRule.LOCAL_ARRAY_CAST, index, frame.top(0).type());
    } else if (instruction instanceof FieldInstruction field
        && field.opcode() == Opcode.GETSTATIC) {
      checkStatic(field, index);
    } else if (instruction instanceof ArrayStoreInstruction) {
      written.add(frame.top(2).number());
    } else if (instruction instanceof ArrayLoadInstruction) {
      checkRead(frame.top(1), index);
    } else {
      checkNew(instruction, index, frame);
    }
  }

  private void checkCall(InvokeInstruction invoke, int index, Frame frame) {
    int count = invoke.typeSymbol().parameterCount();
    for (int i = 0; i < count; i++) {
      Value argument = frame.top(i);
      if (KernelClasses.isKernelCall(invoke) && argument.isArray()) {
        written.add(argument.number());
        if (argument.origin() == Origin.LOCAL_ARRAY) {
          method.report(
              LintRule.LOCAL_ARRAY_ARGUMENT, index, "call of " + invoke.name().stringValue());
        }
      }
    }
    if (invoke.name().stringValue().matches("allocate\\w+LocalArray")
        && frame.top(0).constant() == null) {
      method.report(LintRule.LOCAL_ARRAY_SIZE, index, invoke.name().stringValue());
    }
  }

  private void checkStatic(FieldInstruction field, int index) {
    String type = field.typeSymbol().descriptorString();
    boolean isEnum = type.startsWith("Luk/ac/manchester/tornado/api/enums/");
    if (type.startsWith("[") || (type.startsWith("L") && !isEnum)) {
      method.report(LintRule.STATIC_OBJECT, index, field.name().stringValue());
    }
  }

  private void checkRead(Value array, int index) {
    if (array.origin() == Origin.PRIVATE_ARRAY && !written.contains(array.number())) {
      method.report(LintRule.UNWRITTEN_ARRAY, index, "read of " + array.type());
    }
    if (array.type().startsWith("[[")) {
      method.report(LintRule.ARRAY_OF_ARRAYS, index, array.type());
    }
  }

  private void checkNew(Instruction instruction, int index, Frame frame) {
    boolean isNew =
        instruction instanceof NewPrimitiveArrayInstruction
            || instruction instanceof NewReferenceArrayInstruction;
    if (isNew && frame.top(0).constant() == null) {
      method.report(LintRule.ARRAY_SIZE, index, "size not known");
    }
    boolean ofArrays =
        instruction instanceof NewReferenceArrayInstruction made
            && made.componentType().asSymbol().isArray();
    if (ofArrays || instruction instanceof NewMultiArrayInstruction) {
      method.report(LintRule.ARRAY_OF_ARRAYS, index, "new array");
    }
  }
}
