package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a kernel does with its arrays, by the rule of TornadoVM's compiler: an array that
 * is never read but written is write-only, unless the first write under a condition has no
 * counterpart on the other side of that condition. A condition counts when nothing joins the
 * control flow between it and the write.
 */
public final class AccessAnalysis {
  private static final int MAX_DEPTH = 32;

  private final KernelClasses classes;
  private final Map<MethodKey, Dataflow> flows = new HashMap<>();
  private final ParameterUse[] uses;

  private AccessAnalysis(KernelClasses classes, int parameters) {
    this.classes = classes;
    uses = new ParameterUse[parameters];
    for (int i = 0; i < parameters; i++) {
      uses[i] = new ParameterUse();
    }
  }

  /** Returns the access to each parameter of the kernel. */
  public static List<ParameterAccess> of(@Nullable ClassLoader loader, MethodKey kernel) {
    KernelClasses classes = new KernelClasses(loader);
    int parameters = MethodTypeDesc.ofDescriptor(kernel.descriptor()).parameterCount();
    AccessAnalysis analysis = new AccessAnalysis(classes, parameters);
    int[] identity = new int[parameters];
    for (int i = 0; i < parameters; i++) {
      identity[i] = i;
    }
    analysis.visit(kernel, identity, List.of());
    List<ParameterAccess> accesses = new ArrayList<>();
    for (ParameterUse use : analysis.uses) {
      accesses.add(use.access());
    }
    return accesses;
  }

  /** Where a helper is called from, the innermost last. */
  private record Caller(Dataflow flow, int index) {}

  /**
   * Follows a method whose parameters are the kernel's of these numbers; -1 stands for anything
   * else.
   */
  private void visit(MethodKey key, int[] parameters, List<Caller> callers) {
    if (callers.size() > MAX_DEPTH || classes.method(key).isEmpty()) {
      return;
    }
    Dataflow flow =
        flows.computeIfAbsent(key, any -> Dataflow.of(classes.method(key).orElseThrow()));
    for (int i = 0; i < flow.flow().size(); i++) {
      Frame frame = flow.before(i);
      if (frame != null
          && flow.flow().element(i) instanceof Instruction instruction
          && instruction instanceof InvokeInstruction invoke) {
        List<Caller> path = new ArrayList<>(callers);
        path.add(new Caller(flow, i));
        visitCall(invoke, frame, parameters, path);
      }
    }
  }

  private void visitCall(
      InvokeInstruction invoke, Frame frame, int[] parameters, List<Caller> path) {
    int count = invoke.typeSymbol().parameterCount();
    if (KernelClasses.isKernelCall(invoke)) {
      int[] inner = new int[count];
      for (int i = 0; i < count; i++) {
        inner[i] = parameter(frame.top(count - 1 - i), parameters);
      }
      visit(KernelClasses.key(invoke), inner, path);
      return;
    }
    String owner = invoke.owner().asInternalName();
    String name = invoke.name().stringValue();
    if (ApiNames.isNativeArray(owner)) {
      int parameter = parameter(frame.top(count), parameters);
      if (parameter >= 0) {
        noteAccess(uses[parameter], name, path);
      }
    } else if (owner.equals(ApiNames.KERNEL_CONTEXT)) {
      noteContextCall(name, frame, count, parameters);
    }
  }

  private static void noteAccess(ParameterUse use, String name, List<Caller> path) {
    if (name.startsWith("set") || name.equals("init") || name.equals("clear")) {
      use.write(condition(path));
    } else if (!name.equals("getSize")) {
      use.read();
    }
  }

  /** Atomic additions and stores of matrices count as reads and writes. */
  private void noteContextCall(String name, Frame frame, int count, int[] parameters) {
    for (int i = 0; i < count; i++) {
      int parameter = parameter(frame.top(i), parameters);
      if (parameter >= 0) {
        uses[parameter].read();
        if (!name.equals("asyncCopyToLocal")) {
          uses[parameter].write(null);
        }
      }
    }
  }

  private static int parameter(Value value, int[] parameters) {
    boolean isParameter = value.origin() == Value.Origin.PARAMETER && value.number() >= 0;
    return isParameter ? parameters[value.number()] : -1;
  }

  /** Returns the condition that the innermost instruction of the path is under, if any. */
  private static ParameterUse.@Nullable Condition condition(List<Caller> path) {
    for (int depth = path.size() - 1; depth >= 0; depth--) {
      Caller caller = path.get(depth);
      BranchWalk walk = BranchWalk.back(caller.flow(), caller.index());
      if (!walk.reachedStart()) {
        return walk.condition(depth);
      }
    }
    return null;
  }
}
