package io.github.hydragen.simulator.bytecode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The local variables and the operand stack before an instruction. */
public final class Frame {
  private final Value[] locals;
  private final ArrayList<Value> stack;

  Frame(int maxLocals) {
    locals = new Value[maxLocals];
    Arrays.fill(locals, Value.NOTHING);
    stack = new ArrayList<>();
  }

  private Frame(Frame other) {
    locals = other.locals.clone();
    stack = new ArrayList<>(other.stack);
  }

  Frame copy() {
    return new Frame(this);
  }

  /** Returns the number of local variable slots. */
  public int localCount() {
    return locals.length;
  }

  /** Returns the local variable in {@code slot}. */
  public Value local(int slot) {
    return locals[slot];
  }

  void setLocal(int slot, Value value) {
    locals[slot] = value;
    if (value.isWide()) {
      locals[slot + 1] = Value.NOTHING;
    }
    if (slot > 0 && locals[slot - 1].isWide()) {
      locals[slot - 1] = Value.NOTHING;
    }
  }

  /** Makes the local variable in {@code slot} unknown. */
  void forget(int slot) {
    locals[slot] = Value.NOTHING;
  }

  /** Returns the operand stack, the bottom first. */
  public List<Value> stack() {
    return stack;
  }

  /** Returns the operand {@code depth} below the top. */
  public Value top(int depth) {
    return stack.get(stack.size() - 1 - depth);
  }

  void push(Value value) {
    stack.add(value);
  }

  Value pop() {
    return stack.removeLast();
  }

  void pop(int count) {
    for (int i = 0; i < count; i++) {
      pop();
    }
  }

  void clearStack() {
    stack.clear();
  }

  /** Takes in another way to reach the same instruction; tells whether that changed anything. */
  boolean merge(Frame other) {
    boolean changed = false;
    for (int i = 0; i < locals.length; i++) {
      Value merged = Value.merge(locals[i], other.locals[i]);
      changed |= !merged.equals(locals[i]);
      locals[i] = merged;
    }
    for (int i = 0; i < stack.size(); i++) {
      Value merged = Value.merge(stack.get(i), other.stack.get(i));
      changed |= !merged.equals(stack.get(i));
      stack.set(i, merged);
    }
    return changed;
  }
}
