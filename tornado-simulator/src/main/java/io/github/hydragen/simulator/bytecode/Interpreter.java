package io.github.hydragen.simulator.bytecode;

import io.github.hydragen.simulator.bytecode.Value.Origin;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** What one instruction does to a {@link Frame}. */
final class Interpreter {
  private final Frame frame;
  private final int index;

  private Interpreter(Frame frame, int index) {
    this.frame = frame;
    this.index = index;
  }

  static void execute(Instruction instruction, int index, Frame frame) {
    Interpreter interpreter = new Interpreter(frame, index);
    if (!interpreter.moved(instruction)
        && !interpreter.computed(instruction)
        && !interpreter.usedObject(instruction)) {
      interpreter.control(instruction);
    }
  }

  private boolean moved(Instruction instruction) {
    if (instruction instanceof LoadInstruction load) {
      frame.push(frame.local(load.slot()));
    } else if (instruction instanceof StoreInstruction store) {
      frame.setLocal(store.slot(), frame.pop());
    } else if (instruction instanceof IncrementInstruction increment) {
      Value old = frame.local(increment.slot());
      frame.setLocal(
          increment.slot(),
          Value.of("I", index).nonNegative(old.nonNegative() && increment.constant() >= 0));
    } else if (instruction instanceof StackInstruction shuffle) {
      StackShuffle.apply(shuffle.opcode(), frame);
    } else {
      return false;
    }
    return true;
  }

  private boolean computed(Instruction instruction) {
    if (instruction instanceof ConstantInstruction constant) {
      pushConstant(constant);
    } else if (instruction instanceof OperatorInstruction operator) {
      Arithmetic.apply(operator.opcode(), frame, index);
    } else if (instruction instanceof ConvertInstruction convert) {
      Value from = frame.pop();
      Value to = Value.of(convert.toType().upperBound().descriptorString(), index);
      boolean kept = convert.opcode() == Opcode.I2L || convert.opcode() == Opcode.L2I;
      Origin origin = from.origin() == Origin.HALF_BITS ? Origin.HALF_BITS : Origin.OTHER;
      frame.push(
          Value.of(to.type(), origin, index)
              .nonNegative(convert.opcode() == Opcode.I2C || (kept && from.nonNegative())));
    } else {
      return false;
    }
    return true;
  }

  private void pushConstant(ConstantInstruction constant) {
    Object value = constant.constantValue();
    if (constant.opcode() == Opcode.ACONST_NULL) {
      frame.push(Value.of(Value.NULL, index));
    } else if (value instanceof Integer number) {
      frame.push(Value.constant(number, index));
    } else if (value instanceof Long number) {
      frame.push(Value.of("J", index).nonNegative(number >= 0));
    } else if (value instanceof Float || value instanceof Double) {
      frame.push(Value.of(value instanceof Float ? "F" : "D", index));
    } else {
      frame.push(Value.of("Ljava/lang/Object;", index));
    }
  }

  private boolean usedObject(Instruction instruction) {
    if (instruction instanceof InvokeInstruction invoke) {
      invoke(invoke);
    } else if (instruction instanceof InvokeDynamicInstruction invoke) {
      frame.pop(invoke.typeSymbol().parameterCount());
      pushResult(invoke.typeSymbol());
    } else if (instruction instanceof FieldInstruction field) {
      field(field);
    } else if (instruction instanceof ArrayLoadInstruction load) {
      frame.pop();
      String array = frame.pop().type();
      frame.push(Value.of(array.startsWith("[") ? array.substring(1) : element(load), index));
    } else if (instruction instanceof ArrayStoreInstruction) {
      frame.pop(3);
    } else if (instruction instanceof TypeCheckInstruction check) {
      typeCheck(check);
    } else {
      return newObject(instruction);
    }
    return true;
  }

  private static String element(ArrayLoadInstruction load) {
    return load.opcode() == Opcode.AALOAD
        ? "Ljava/lang/Object;"
        : load.typeKind().upperBound().descriptorString();
  }

  private boolean newObject(Instruction instruction) {
    if (instruction instanceof NewObjectInstruction made) {
      frame.push(Value.of(descriptor(made.className().asSymbol()), index));
    } else if (instruction instanceof NewPrimitiveArrayInstruction made) {
      frame.pop();
      String element = made.typeKind().upperBound().descriptorString();
      frame.push(Value.of("[" + element, Origin.PRIVATE_ARRAY, index));
    } else if (instruction instanceof NewReferenceArrayInstruction made) {
      frame.pop();
      String element = descriptor(made.componentType().asSymbol());
      frame.push(Value.of("[" + element, Origin.PRIVATE_ARRAY, index));
    } else if (instruction instanceof NewMultiArrayInstruction made) {
      frame.pop(made.dimensions());
      frame.push(Value.of(descriptor(made.arrayType().asSymbol()), Origin.PRIVATE_ARRAY, index));
    } else {
      return false;
    }
    return true;
  }

  private void typeCheck(TypeCheckInstruction check) {
    Value value = frame.pop();
    if (check.opcode() == Opcode.INSTANCEOF) {
      frame.push(Value.of("I", index));
    } else {
      frame.push(Value.of(descriptor(check.type().asSymbol()), value.origin(), value.number()));
    }
  }

  private void field(FieldInstruction field) {
    boolean isStatic = field.opcode() == Opcode.GETSTATIC || field.opcode() == Opcode.PUTSTATIC;
    if (field.opcode() == Opcode.PUTFIELD || field.opcode() == Opcode.PUTSTATIC) {
      frame.pop(isStatic ? 1 : 2);
      return;
    }
    if (!isStatic) {
      frame.pop();
    }
    boolean isId = field.owner().asInternalName().equals(ApiNames.KERNEL_CONTEXT);
    frame.push(Value.of(descriptor(field.typeSymbol()), index).nonNegative(isId));
  }

  private void invoke(InvokeInstruction invoke) {
    MethodTypeDesc type = invoke.typeSymbol();
    Value[] arguments = new Value[type.parameterCount()];
    for (int i = arguments.length - 1; i >= 0; i--) {
      arguments[i] = frame.pop();
    }
    Value receiver = invoke.opcode() == Opcode.INVOKESTATIC ? Value.NOTHING : frame.pop();
    if (!type.returnType().descriptorString().equals("V")) {
      Value result = Value.of(descriptor(type.returnType()), index);
      frame.push(KnownMethods.result(invoke, receiver, arguments, result));
    }
  }

  private void pushResult(MethodTypeDesc type) {
    if (!type.returnType().descriptorString().equals("V")) {
      frame.push(Value.of(descriptor(type.returnType()), index));
    }
  }

  private void control(Instruction instruction) {
    if (instruction instanceof BranchInstruction branch) {
      frame.pop(branchOperands(branch.opcode()));
    } else if (instruction instanceof TableSwitchInstruction
        || instruction instanceof LookupSwitchInstruction
        || instruction instanceof MonitorInstruction
        || instruction instanceof ThrowInstruction) {
      frame.pop();
    } else if (instruction instanceof ReturnInstruction && !frame.stack().isEmpty()) {
      frame.pop();
    }
  }

  private static int branchOperands(Opcode opcode) {
    return switch (opcode) {
      case GOTO, GOTO_W -> 0;
      case IFEQ, IFNE, IFLT, IFGE, IFGT, IFLE, IFNULL, IFNONNULL -> 1;
      default -> 2;
    };
  }

  private static String descriptor(ClassDesc type) {
    return type.descriptorString();
  }
}
