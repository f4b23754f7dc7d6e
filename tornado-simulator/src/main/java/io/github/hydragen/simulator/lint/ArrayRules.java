package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ApiNames;
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
import java.util.Map;
import java.util.Set;

/** Rules for local arrays, for arrays of the thread's own, and for their casts. */
final class ArrayRules {
  private static final String FLOAT_ARRAY = ApiNames.ARRAYS + "FloatArray";
  private static final String INT_ARRAY = ApiNames.ARRAYS + "IntArray";
  private static final String HALF_FLOATS = "[L" + ApiNames.HALF_FLOAT + ";";

  /** What CUDA kernels may cast arrays to, for matrix instructions. */
  private static final Map<Origin, Map<String, Set<String>>> MATRIX_VIEWS =
      Map.of(
          Origin.LOCAL_ARRAY,
          Map.of(FLOAT_ARRAY, Set.of("[F", "[I"), INT_ARRAY, Set.of("[I"), "[I", Set.of("[J")),
          Origin.PRIVATE_ARRAY,
          Map.of(),
          Origin.FRAGMENT,
          Map.of("[I", Set.of(HALF_FLOATS), "[B", Set.of("[I")));

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
    } else if (instruction instanceof TypeCheckInstruction check) {
      checkCast(frame.top(0), check.type().asInternalName(), index);
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

  private void checkCast(Value array, String type, int index) {
    Map<String, Set<String>> views = MATRIX_VIEWS.get(array.origin());
    if (views == null) {
      return;
    }
    if (method.portable() || !views.getOrDefault(type, Set.of()).contains(array.type())) {
      method.report(LintRule.ARRAY_CAST, index, array.type());
    }
  }

  /** Matrix instructions read operands, which may be arrays, and store to what may be one. */
  private void checkMatrixCall(String name, int count, int index, Frame frame) {
    boolean stores = name.startsWith("mmaStore");
    for (int depth = 0; depth < count; depth++) {
      Value argument = frame.top(depth);
      if (stores && depth == count - 2) {
        written.add(argument.number());
      } else if (argument.isArray()) {
        checkRead(argument, index);
      }
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
    if (invoke.owner().asInternalName().equals(ApiNames.KERNEL_CONTEXT)
        && invoke.name().stringValue().startsWith("mma")) {
      checkMatrixCall(invoke.name().stringValue(), count, index, frame);
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
