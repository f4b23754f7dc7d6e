package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which local variables are read later on, before each element of a method's code. */
final class Liveness {
  private final ControlFlow flow;
  private final List<BitSet> before = new ArrayList<>();
  private final BitSet assigned = new BitSet();

  Liveness(ControlFlow flow) {
    this.flow = flow;
    for (CodeElement element : flow.elements()) {
      before.add(new BitSet());
      if (element instanceof StoreInstruction store) {
        assigned.set(store.slot());
      } else if (element instanceof IncrementInstruction increment) {
        assigned.set(increment.slot());
      }
    }
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int i = flow.size() - 1; i >= 0; i--) {
        changed |= update(i);
      }
    }
  }

  private boolean update(int index) {
    BitSet live = after(index);
    CodeElement element = flow.element(index);
    if (element instanceof StoreInstruction store) {
      live.clear(store.slot());
    } else if (element instanceof LoadInstruction load) {
      live.set(load.slot());
    } else if (element instanceof IncrementInstruction increment) {
      live.set(increment.slot());
    }
    for (ExceptionCatch handler : flow.handlers(index)) {
      live.or(before.get(flow.indexOf(handler.handler())));
    }
    boolean changed = !live.equals(before.get(index));
    before.set(index, live);
    return changed;
  }

  /** Returns the slots of the variables that are read after the element at {@code index}. */
  BitSet after(int index) {
    BitSet live = new BitSet();
    for (int successor : flow.successors(index)) {
      live.or(before.get(successor));
    }
    return live;
  }

  /** Tells whether anything is ever assigned to the variable in {@code slot}. */
  boolean isAssigned(int slot) {
    return assigned.get(slot);
  }
}
