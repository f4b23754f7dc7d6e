package io.github.hydragen.simulator.bytecode;

import io.github.hydragen.simulator.bytecode.Value.Origin;
import java.lang.classfile.instruction.InvokeInstruction;

/** What is known of the results of the methods that kernels call. */
final class KnownMethods {
  private KnownMethods() {}

  static Value result(InvokeInstruction invoke, Value receiver, Value[] arguments, Value result) {
    String owner = invoke.owner().asInternalName();
    String name = invoke.name().stringValue();
    if (owner.equals(ApiNames.KERNEL_CONTEXT)) {
      return ofContext(name, result);
    }
    if (ApiNames.isNativeArray(owner) || owner.equals("java/lang/Integer")) {
      return switch (name) {
        case "getSize" -> result.nonNegative(true);
        case "intValue", "valueOf" ->
            result.nonNegative((arguments.length > 0 ? arguments[0] : receiver).nonNegative());
        default -> result;
      };
    }
    return switch (owner + "." + name) {
      case ApiNames.HALF_FLOAT + ".add",
          ApiNames.HALF_FLOAT + ".sub",
          ApiNames.HALF_FLOAT + ".mult",
          ApiNames.HALF_FLOAT + ".div" ->
          Value.of(result.type(), Origin.HALF_RESULT, result.number());
      case ApiNames.HALF_FLOAT + ".getHalfFloatValue" ->
          Value.of(result.type(), Origin.HALF_BITS, result.number());
      case "java/lang/Math.max", ApiNames.API + "math/TornadoMath.max" ->
          result.nonNegative(arguments[0].nonNegative() || arguments[1].nonNegative());
      case "java/lang/Math.min", ApiNames.API + "math/TornadoMath.min" ->
          result.nonNegative(arguments[0].nonNegative() && arguments[1].nonNegative());
      case "java/lang/Math.abs", ApiNames.API + "math/TornadoMath.abs" -> result.nonNegative(true);
      default -> result;
    };
  }

  private static Value ofContext(String name, Value result) {
    if (name.startsWith("allocate")) {
      return Value.of(result.type(), Origin.LOCAL_ARRAY, result.number());
    }
    if (name.startsWith("mma")) {
      return Value.of(result.type(), Origin.FRAGMENT, result.number());
    }
    return result;
  }
}
