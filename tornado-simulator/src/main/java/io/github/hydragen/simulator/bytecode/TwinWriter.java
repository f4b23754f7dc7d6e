package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the twin of a method of a kernel: the same code with the thread it runs as for a last
 * parameter, which can leave at a barrier and continue there later, and which tells the simulator
 * of every access to memory.
 */
final class TwinWriter {
  private static final Map<TypeKind, String> NEW_ARRAYS =
      Map.of(TypeKind.FLOAT, "newFloats", TypeKind.INT, "newInts", TypeKind.LONG, "newLongs");
  private static final Set<String> ELEMENT_ACCESS =
      Set.of(
          "get",
          "set",
          "getHalf2",
          "setHalf2",
          "getFloat",
          "setFloat",
          "getHalfFloat",
          "setHalfFloat");
  private static final Map<String, String> CASTS =
      Map.of(
          "[I",
          "asInts",
          "[L" + ApiNames.HALF_FLOAT + ";",
          "asHalfFloats",
          "L" + ApiNames.ARRAYS + "FloatArray;",
          "asFloatArray",
          "L" + ApiNames.ARRAYS + "IntArray;",
          "asIntArray",
          "[B",
          "asBytes");
  private static final Set<String> OWN_LOADS = Set.of("[F", "[I", "[J");

  private final KernelClasses classes;
  private final SiteTable sites;
  private final boolean checked;
  private final boolean isKernel;
  private final MethodKey key;
  private final Dataflow dataflow;
  private final Liveness liveness;
  private final Map<Label, Label> labels = new HashMap<>();
  private final int itemSlot;

  /**
   * Prepares the twin of a method.
   *
   * @param classes the class files of the kernel
   * @param sites where watched instructions get their numbers
   * @param checked whether accesses to memory are watched
   * @param isKernel whether the method is the kernel itself, which always gets the same arguments
   * @param key the method
   * @param dataflow what is known of its values
   */
  TwinWriter(
      KernelClasses classes,
      SiteTable sites,
      boolean checked,
      boolean isKernel,
      MethodKey key,
      Dataflow dataflow) {
    this.classes = classes;
    this.sites = sites;
    this.checked = checked;
    this.isKernel = isKernel;
    this.key = key;
    this.dataflow = dataflow;
    liveness = new Liveness(dataflow.flow());
    this.itemSlot =
        dataflow.method().methodTypeSymbol().parameterList().stream()
            .mapToInt(type -> TypeKind.from(type).slotSize())
            .sum();
  }

  void write(CodeBuilder code) {
    // Where jumps turn out to be long, the method is written again, by another builder.
    labels.clear();
    Suspension suspension =
        new Suspension(code, itemSlot, dataflow.method().methodTypeSymbol().returnType());
    if (classes.suspends(key)) {
      suspension.writeDispatch();
    }
    ControlFlow flow = dataflow.flow();
    for (int i = 0; i < flow.size(); i++) {
      write(code, suspension, i, flow.element(i));
    }
    suspension.writeTable();
  }

  private void write(CodeBuilder code, Suspension suspension, int index, CodeElement element) {
    if (element instanceof LabelTarget target) {
      code.labelBinding(label(code, target.label()));
    } else if (element instanceof LineNumber line) {
      code.lineNumber(line.line());
    } else if (element instanceof ExceptionCatch handler) {
      code.exceptionCatch(
          label(code, handler.tryStart()),
          label(code, handler.tryEnd()),
          label(code, handler.handler()),
          handler.catchType());
    } else if (element instanceof Instruction instruction) {
      Frame frame = dataflow.before(index);
      if (frame == null || !rewritten(code, suspension, index, instruction, frame)) {
        copy(code, instruction);
      }
    }
  }

  private boolean rewritten(
      CodeBuilder code, Suspension suspension, int index, Instruction instruction, Frame frame) {
    if (instruction instanceof InvokeInstruction invoke) {
      return rewrittenCall(code, suspension, index, invoke, frame);
    }
    if (instruction instanceof ArrayLoadInstruction && isWatched(frame.top(1))) {
      return writeLoad(code, index, frame.top(1));
    }
    if (instruction instanceof ArrayStoreInstruction && isWatched(frame.top(2))) {
      return writeStore(code, index, frame.top(2));
    }
    if (instruction instanceof TypeCheckInstruction check && check.opcode() == Opcode.CHECKCAST) {
      return writeCast(code, index, check.type().asSymbol(), frame.top(0));
    }
    return checked
        && instruction instanceof NewPrimitiveArrayInstruction made
        && writeNewArray(code, index, made.typeKind());
  }

  /** Arrays and fragments are cast to what the matrix instructions take; the rest as in Java. */
  private boolean writeCast(CodeBuilder code, int index, ClassDesc type, Value from) {
    String name = CASTS.get(type.descriptorString());
    if (name != null) {
      boolean fragment = from.origin() == Value.Origin.FRAGMENT;
      name = fragment && name.equals("asBytes") ? "fragmentAsBytes" : name;
      MethodTypeDesc method = MethodTypeDesc.of(type, ConstantDescs.CD_Object);
      hook(code, RuntimeNames.CASTS, index, "cast", name, method);
    }
    return name != null;
  }

  private boolean writeNewArray(CodeBuilder code, int index, TypeKind kind) {
    String name = NEW_ARRAYS.get(kind);
    if (name == null) {
      return false;
    }
    ClassDesc array = kind.upperBound().arrayType();
    MethodTypeDesc type = MethodTypeDesc.of(array, ConstantDescs.CD_int);
    hook(code, RuntimeNames.ARRAY_HOOKS, index, "new array", name, type);
    return true;
  }

  /** Arrays of objects are watched in any case: on a device they hold numbers, not references. */
  private boolean isWatched(Value array) {
    boolean ofObjects = array.type().startsWith("[L");
    boolean ofNumbers = array.isArray() && !ofObjects && !array.type().startsWith("[[");
    return ofObjects || (checked && ofNumbers && !array.type().equals("[Z"));
  }

  private boolean writeLoad(CodeBuilder code, int index, Value array) {
    boolean own = array.origin() == Value.Origin.PRIVATE_ARRAY;
    ClassDesc element = ClassDesc.ofDescriptor(array.type()).componentType();
    ClassDesc hooked = erased(element);
    String name = own && OWN_LOADS.contains(array.type()) ? "loadOwn" : "load";
    MethodTypeDesc type = MethodTypeDesc.of(hooked, hooked.arrayType(), ConstantDescs.CD_int);
    String action = "read of " + element.displayName() + "[]";
    hook(code, RuntimeNames.ARRAY_HOOKS, index, action, name, type);
    if (!element.isPrimitive()) {
      code.checkcast(element);
    }
    return true;
  }

  /** A store to an array of the thread's own needs no watching. */
  private boolean writeStore(CodeBuilder code, int index, Value array) {
    ClassDesc element = ClassDesc.ofDescriptor(array.type()).componentType();
    if (array.origin() == Value.Origin.PRIVATE_ARRAY && element.isPrimitive()) {
      return false;
    }
    ClassDesc hooked = erased(element);
    MethodTypeDesc type =
        MethodTypeDesc.of(ConstantDescs.CD_void, hooked.arrayType(), ConstantDescs.CD_int, hooked);
    String action = "write of " + element.displayName() + "[]";
    hook(code, RuntimeNames.ARRAY_HOOKS, index, action, "store", type);
    return true;
  }

  private static ClassDesc erased(ClassDesc element) {
    return element.isPrimitive() ? element : ConstantDescs.CD_Object;
  }

  private boolean rewrittenCall(
      CodeBuilder code, Suspension suspension, int index, InvokeInstruction invoke, Frame frame) {
    String owner = invoke.owner().asInternalName();
    String name = invoke.name().stringValue();
    if (KernelClasses.isKernelCall(invoke)) {
      writeKernelCall(code, suspension, index, invoke, frame);
      return true;
    }
    if (owner.equals(ApiNames.KERNEL_CONTEXT) && !name.equals("<init>")) {
      writeContextCall(code, suspension, index, invoke, frame);
      return true;
    }
    if (checked && ApiNames.isNativeArray(owner) && isElementAccess(name)) {
      hook(
          code,
          RuntimeNames.GLOBAL_HOOKS,
          index,
          simpleName(owner) + "." + name,
          name,
          invoke.typeSymbol().insertParameterTypes(0, invoke.owner().asSymbol()));
      return true;
    }
    return false;
  }

  private static boolean isElementAccess(String name) {
    return ELEMENT_ACCESS.contains(name);
  }

  private void writeContextCall(
      CodeBuilder code, Suspension suspension, int index, InvokeInstruction invoke, Frame frame) {
    String name = invoke.name().stringValue();
    MethodTypeDesc type = invoke.typeSymbol().insertParameterTypes(0, invoke.owner().asSymbol());
    ClassDesc hooks = name.startsWith("mma") ? RuntimeNames.MATRIX_HOOKS : RuntimeNames.HOOKS;
    if (!Collectives.isCollective(invoke)) {
      hook(code, hooks, index, name, name, type);
      return;
    }
    hook(code, hooks, index, name, name, type.changeReturnType(ConstantDescs.CD_void));
    if (classes.carried()) {
      suspension.writePause(invoke.typeSymbol().returnType());
      return;
    }
    suspension.writeWait(
        kept(index, frame, type.parameterCount()), invoke.typeSymbol().returnType());
  }

  private void writeKernelCall(
      CodeBuilder code, Suspension suspension, int index, InvokeInstruction invoke, Frame frame) {
    MethodKey callee = KernelClasses.key(invoke);
    MethodTypeDesc type = invoke.typeSymbol();
    Label call = code.newBoundLabel();
    code.aload(itemSlot);
    code.invokestatic(
        invoke.owner().asSymbol(),
        KernelRewriter.twinName(callee.name()),
        KernelRewriter.twinType(type),
        invoke.isInterface());
    if (classes.suspends(callee)) {
      suspension.writePropagation(kept(index, frame, type.parameterCount()), type, call);
    }
  }

  /** Returns the variables that a thread needs again after it has waited at the instruction. */
  private Frame kept(int index, Frame frame, int operands) {
    Frame kept = frame.copy();
    kept.pop(operands);
    BitSet live = liveness.after(index);
    for (int slot = 0; slot < kept.localCount(); slot++) {
      boolean given = isKernel && slot < itemSlot && !liveness.isAssigned(slot);
      if (given || !live.get(slot)) {
        kept.forget(slot);
      }
    }
    return kept;
  }

  /** Calls a hook with the operands on the stack, the thread and the place. */
  private void hook(
      CodeBuilder code,
      ClassDesc owner,
      int index,
      String action,
      String name,
      MethodTypeDesc operands) {
    int line = dataflow.flow().line(index);
    int site = sites.add(key.owner().replace('/', '.'), key.name(), line, action);
    code.aload(itemSlot);
    code.loadConstant(site);
    code.invokestatic(
        owner,
        name,
        operands.insertParameterTypes(
            operands.parameterCount(), RuntimeNames.WORK_ITEM, ConstantDescs.CD_int));
  }

  private void copy(CodeBuilder code, Instruction instruction) {
    if (instruction instanceof LoadInstruction load) {
      code.loadLocal(load.typeKind(), moved(load.slot()));
    } else if (instruction instanceof StoreInstruction store) {
      code.storeLocal(store.typeKind(), moved(store.slot()));
    } else if (instruction instanceof IncrementInstruction increment) {
      code.iinc(moved(increment.slot()), increment.constant());
    } else if (instruction instanceof BranchInstruction branch) {
      code.branch(branch.opcode(), label(code, branch.target()));
    } else if (instruction instanceof TableSwitchInstruction choice) {
      code.tableswitch(
          choice.lowValue(),
          choice.highValue(),
          label(code, choice.defaultTarget()),
          cases(code, choice.cases()));
    } else if (instruction instanceof LookupSwitchInstruction choice) {
      code.lookupswitch(label(code, choice.defaultTarget()), cases(code, choice.cases()));
    } else {
      code.with(instruction);
    }
  }

  private List<SwitchCase> cases(CodeBuilder code, List<SwitchCase> cases) {
    return cases.stream()
        .map(one -> SwitchCase.of(one.caseValue(), label(code, one.target())))
        .toList();
  }

  private Label label(CodeBuilder code, Label original) {
    return labels.computeIfAbsent(original, any -> code.newLabel());
  }

  /** The thread takes the first slot after the parameters. */
  private int moved(int slot) {
    return slot < itemSlot ? slot : slot + 1;
  }

  private static String simpleName(String internalName) {
    return internalName.substring(internalName.lastIndexOf('/') + 1);
  }
}
