package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.Dataflow;
import io.github.hydragen.simulator.bytecode.Frame;
import io.github.hydragen.simulator.bytecode.KernelClasses;
import io.github.hydragen.simulator.bytecode.MethodKey;
import io.github.hydragen.simulator.bytecode.Reachable;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.MethodTypeDesc;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of the values in a kernel and in the methods it calls. The kernel's scalar
 * parameters are taken for sizes, which are not negative; a parameter of another method is not
 * negative where no call passes a number that may be.
 */
final class KernelFlows {
  private final Map<MethodKey, MethodModel> methods = new LinkedHashMap<>();
  private final Map<MethodKey, BitSet> nonNegative = new HashMap<>();
  private final Map<MethodKey, Dataflow> flows = new LinkedHashMap<>();

  KernelFlows(KernelClasses reader, MethodKey kernel) {
    for (MethodKey key : new Reachable(reader, kernel).methods()) {
      reader.method(key).ifPresent(method -> methods.put(key, method));
      BitSet all = new BitSet();
      all.set(0, MethodTypeDesc.ofDescriptor(key.descriptor()).parameterCount());
      nonNegative.put(key, all);
    }
    boolean changed = true;
    while (changed) {
      methods.forEach((key, method) -> flows.put(key, Dataflow.of(method, facts(key))));
      changed = false;
      for (Dataflow flow : flows.values()) {
        changed |= followCalls(flow);
      }
    }
  }

  /** Returns the methods, the kernel first, with what is known of their values. */
  Map<MethodKey, Dataflow> all() {
    return flows;
  }

  private BitSet facts(MethodKey key) {
    return (BitSet) nonNegative.getOrDefault(key, new BitSet()).clone();
  }

  /** Takes away what the calls in a method contradict; tells whether there was anything. */
  private boolean followCalls(Dataflow dataflow) {
    boolean changed = false;
    for (int i = 0; i < dataflow.flow().size(); i++) {
      Frame frame = dataflow.before(i);
      if (frame != null
          && dataflow.flow().element(i) instanceof InvokeInstruction invoke
          && KernelClasses.isKernelCall(invoke)) {
        changed |= restrict(invoke, frame);
      }
    }
    return changed;
  }

  private boolean restrict(InvokeInstruction invoke, Frame frame) {
    BitSet facts = nonNegative.getOrDefault(KernelClasses.key(invoke), new BitSet());
    int before = facts.cardinality();
    int count = invoke.typeSymbol().parameterCount();
    for (int i = 0; i < count; i++) {
      if (!frame.top(count - 1 - i).nonNegative()) {
        facts.clear(i);
      }
    }
    return facts.cardinality() != before;
  }
}
