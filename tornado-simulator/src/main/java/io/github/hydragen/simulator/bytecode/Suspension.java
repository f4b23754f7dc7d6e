package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the code by which a twin leaves in the middle and continues there when it is called again:
 * its variables go to the thread's save area, innermost method first, and come back in the opposite
 * order.
 */
final class Suspension {
  private final CodeBuilder code;
  private final int itemSlot;
  private final ClassDesc returnType;
  private final Label table;
  private final Label start;
  private final List<Label> resumePoints = new ArrayList<>();
  private boolean dispatched;

  Suspension(CodeBuilder code, int itemSlot, ClassDesc returnType) {
    this.code = code;
    this.itemSlot = itemSlot;
    this.returnType = returnType;
    table = code.newLabel();
    start = code.newLabel();
  }

  /** Writes the entry: a thread that resumes goes to where it left. */
  void writeDispatch() {
    dispatched = true;
    item("isResuming", MethodTypeDesc.of(ConstantDescs.CD_boolean));
    code.ifne(table);
    code.labelBinding(start);
  }

  /** Writes the jumps to the places at which threads leave. Goes last. */
  void writeTable() {
    if (dispatched) {
      code.labelBinding(table);
      item("restoreInt", MethodTypeDesc.of(ConstantDescs.CD_int));
      List<SwitchCase> cases = new ArrayList<>();
      for (int i = 0; i < resumePoints.size(); i++) {
        cases.add(SwitchCase.of(i, resumePoints.get(i)));
      }
      code.tableswitch(0, resumePoints.size() - 1, start, cases);
    }
  }

  /** Writes the wait at a collective operation, whose operands are already handed over. */
  void writeWait(Frame frame, ClassDesc result) {
    writeLeave(frame);
    writeReturn(frame);
    writeResult(result);
  }

  /** Writes the wait of a thread that is carried by one of its own. */
  void writePause(ClassDesc result) {
    item("pause", MethodTypeDesc.of(ConstantDescs.CD_void));
    writeResult(result);
  }

  private void writeResult(ClassDesc result) {
    item("resumed", MethodTypeDesc.of(ConstantDescs.CD_void));
    if (!result.equals(ConstantDescs.CD_void)) {
      boolean isFloat = result.equals(ConstantDescs.CD_float);
      item(
          isFloat ? "floatResult" : "result",
          MethodTypeDesc.of(isFloat ? ConstantDescs.CD_float : ConstantDescs.CD_Object));
      if (!isFloat) {
        code.checkcast(result);
      }
    }
  }

  /** Writes what follows a call that may have left in the middle; {@code call} is before it. */
  void writePropagation(Frame frame, MethodTypeDesc callee, Label call) {
    Label done = code.newLabel();
    item("isSuspended", MethodTypeDesc.of(ConstantDescs.CD_boolean));
    code.ifeq(done);
    switch (TypeKind.from(callee.returnType()).slotSize()) {
      case 1 -> code.pop();
      case 2 -> code.pop2();
      default -> {}
    }
    writeLeave(frame);
    writeReturn(frame);
    for (ClassDesc parameter : callee.parameterList()) {
      writeDefault(TypeKind.from(parameter));
    }
    code.goto_(call);
    code.labelBinding(done);
  }

  private void writeLeave(Frame frame) {
    for (int i = frame.stack().size() - 1; i >= 0; i--) {
      writeSave(frame.stack().get(i));
    }
    for (int slot = 0; slot < frame.localCount(); slot++) {
      Value local = frame.local(slot);
      if (isSaved(local)) {
        code.loadLocal(kind(local), moved(slot));
        writeSave(local);
      }
    }
    code.loadConstant(resumePoints.size());
    writeSave(Value.of("I", -1));
    writeDefault(TypeKind.from(returnType));
    code.return_(TypeKind.from(returnType));
  }

  private void writeReturn(Frame frame) {
    resumePoints.add(code.newBoundLabel());
    for (int slot = frame.localCount() - 1; slot >= 0; slot--) {
      Value local = frame.local(slot);
      if (isSaved(local)) {
        writeRestore(local);
        code.storeLocal(kind(local), moved(slot));
      } else if (local.type().equals(Value.NULL)) {
        code.aconst_null().astore(moved(slot));
      }
    }
    for (Value operand : frame.stack()) {
      writeRestore(operand);
    }
  }

  private static boolean isSaved(Value value) {
    return !value.type().equals(Value.UNDEFINED) && !value.type().equals(Value.NULL);
  }

  private void writeSave(Value value) {
    if (!isSaved(value)) {
      code.pop();
      return;
    }
    code.aload(itemSlot);
    code.invokestatic(
        RuntimeNames.HOOKS,
        "save",
        MethodTypeDesc.of(ConstantDescs.CD_void, erased(value), RuntimeNames.WORK_ITEM));
  }

  private void writeRestore(Value value) {
    if (!isSaved(value)) {
      code.aconst_null();
      return;
    }
    item("restore" + name(value), MethodTypeDesc.of(erased(value)));
    if (value.isReference() && !value.type().equals("Ljava/lang/Object;")) {
      code.checkcast(ClassDesc.ofDescriptor(value.type()));
    }
  }

  private void writeDefault(TypeKind kind) {
    switch (kind.asLoadable()) {
      case INT -> code.iconst_0();
      case LONG -> code.lconst_0();
      case FLOAT -> code.fconst_0();
      case DOUBLE -> code.dconst_0();
      case REFERENCE -> code.aconst_null();
      default -> {}
    }
  }

  private void item(String method, MethodTypeDesc type) {
    code.aload(itemSlot);
    code.invokevirtual(RuntimeNames.WORK_ITEM, method, type);
  }

  private static TypeKind kind(Value value) {
    return value.isReference() ? TypeKind.REFERENCE : TypeKind.fromDescriptor(value.type());
  }

  private static ClassDesc erased(Value value) {
    return value.isReference() ? ConstantDescs.CD_Object : ClassDesc.ofDescriptor(value.type());
  }

  private static String name(Value value) {
    return switch (value.type()) {
      case "I" -> "Int";
      case "J" -> "Long";
      case "F" -> "Float";
      case "D" -> "Double";
      default -> "Object";
    };
  }

  private int moved(int slot) {
    return slot < itemSlot ? slot : slot + 1;
  }
}
