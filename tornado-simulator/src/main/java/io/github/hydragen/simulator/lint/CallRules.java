package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ApiNames;
import io.github.hydragen.simulator.bytecode.Frame;
import io.github.hydragen.simulator.bytecode.KernelClasses;
import io.github.hydragen.simulator.bytecode.Value.Origin;
import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.util.Set;
import java.util.regex.Pattern;

/** Rules for the methods and constructors that kernels call. */
final class CallRules {
  private static final Set<String> OBJECTS = Set.of(ApiNames.HALF_FLOAT, ApiNames.HALF2);

  /** Methods of the JDK that devices have, by class, name and descriptor. */
  private static final Pattern JDK =
      Pattern.compile(
          "java/lang/Integer\\.(intValue\\(\\)I|valueOf\\(I\\).*)"
              + "|java/lang/Math\\.(min|max|sqrt|exp|log|pow|floor|ceil|sin|cos|tan|tanh|atan"
              + "|atan2|acos|asin|signum)\\(.*"
              + "|java/lang/Math\\.abs\\([FD]\\).*");

  private static final Pattern INTEGER_ABS = Pattern.compile(".*/TornadoMath\\.abs\\([IJSB]\\).*");

  private static final Set<String> ARRAY_METHODS =
      Set.of(
          "get",
          "set",
          "getSize",
          "getHalf2",
          "setHalf2",
          "getFloat",
          "setFloat",
          "getHalfFloat",
          "setHalfFloat");

  private static final Pattern NOT_IN_OPENCL =
      Pattern.compile(
          ".*/KernelContext\\.(simd|mma|asyncCopy|swizzle|allocateHalf2).*"
              + "|.*/(BFloat16Array|BFloat16|Half2)\\..*"
              + "|.*/HalfFloatArray\\.(get|set)Half2.*");

  private final CheckedMethod method;

  CallRules(CheckedMethod method) {
    this.method = method;
  }

  void check() {
    method.visit(this::check);
  }

  private void check(Instruction instruction, int index, Frame frame) {
    if (instruction instanceof NewObjectInstruction made
        && !OBJECTS.contains(made.className().asInternalName())) {
      method.report(LintRule.NEW_OBJECT, index, made.className().asInternalName());
    } else if (instruction instanceof InvokeInstruction invoke
        && !KernelClasses.isKernelCall(invoke)) {
      checkCall(invoke, index, frame);
    }
  }

  private void checkCall(InvokeInstruction invoke, int index, Frame frame) {
    String owner = invoke.owner().asInternalName();
    String name = invoke.name().stringValue();
    String call = owner + "." + name + invoke.type().stringValue();
    if (call.startsWith("java/lang/Float.float16ToFloat")) {
      method.report(LintRule.HALF_BITS, index, name);
    } else if (owner.equals(ApiNames.HALF_FLOAT) && name.equals("getFloat32")) {
      checkConversion(index, frame);
    } else if (!isSupported(owner, name, call)) {
      method.report(LintRule.UNSUPPORTED_CALL, index, owner.replace('/', '.') + "." + name);
    }
    if (method.portable() && NOT_IN_OPENCL.matcher(call).matches()) {
      method.report(LintRule.NOT_PORTABLE, index, name);
    }
  }

  private void checkConversion(int index, Frame frame) {
    if (frame.top(0).origin() == Origin.HALF_RESULT) {
      method.report(LintRule.HALF_RESULT, index, "getFloat32");
    }
  }

  private static boolean isSupported(String owner, String name, String call) {
    if (ApiNames.isNativeArray(owner)) {
      return ARRAY_METHODS.contains(name);
    }
    if (ApiNames.isApi(owner)) {
      return !INTEGER_ABS.matcher(call).matches();
    }
    return JDK.matcher(call).matches();
  }
}
