package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known before each instruction of a method, over all ways to reach it: the fixed point of
 * {@link Interpreter} over the control flow.
 */
public final class Dataflow {
  private final MethodModel method;
  private final BitSet nonNegative;
  private final ControlFlow flow;
  private final @Nullable Frame[] frames;
  private final List<List<Integer>> predecessors = new ArrayList<>();
  private final ArrayDeque<Integer> work = new ArrayDeque<>();

  private Dataflow(MethodModel method, CodeAttribute code, BitSet nonNegative) {
    this.method = method;
    this.nonNegative = nonNegative;
    flow = new ControlFlow(code.elementList());
    frames = new Frame[flow.size()];
    flowTo(0, entryFrame(code.maxLocals()));
    while (!work.isEmpty()) {
      visit(work.removeFirst());
    }
    findPredecessors();
  }

  /** Analyses a method that has code. */
  public static Dataflow of(MethodModel method) {
    return of(method, new BitSet());
  }

  /**
   * Analyses a method that has code and whose parameters of these numbers, from 0, are not
   * negative.
   */
  public static Dataflow of(MethodModel method, BitSet nonNegative) {
    CodeAttribute code =
        (CodeAttribute)
            method.code().orElseThrow(() -> new IllegalArgumentException("no code: " + method));
    return new Dataflow(method, code, nonNegative);
  }

  /** Returns the method. */
  public MethodModel method() {
    return method;
  }

  /** Returns the instructions and the ways between them. */
  public ControlFlow flow() {
    return flow;
  }

  /** Returns what is known before element {@code index}; null where it is never reached. */
  public @Nullable Frame before(int index) {
    return frames[index];
  }

  /** Returns the elements from which the one at {@code index} is reached. */
  public List<Integer> predecessors(int index) {
    return predecessors.get(index);
  }

  private void findPredecessors() {
    for (int i = 0; i < flow.size(); i++) {
      predecessors.add(new ArrayList<>());
    }
    for (int i = 0; i < flow.size(); i++) {
      if (frames[i] != null) {
        for (int successor : flow.successors(i)) {
          predecessors.get(successor).add(i);
        }
      }
    }
  }

  private Frame entryFrame(int maxLocals) {
    Frame frame = new Frame(maxLocals);
    int slot = 0;
    if (!method.flags().has(AccessFlag.STATIC)) {
      frame.setLocal(slot++, Value.of("Ljava/lang/Object;", -1));
    }
    int number = 0;
    for (ClassDesc type : method.methodTypeSymbol().parameterList()) {
      Value value = Value.of(type.descriptorString(), Value.Origin.PARAMETER, number);
      frame.setLocal(slot, value.nonNegative(nonNegative.get(number)));
      number++;
      slot += TypeKind.from(type).slotSize();
    }
    return frame;
  }

  private void visit(int index) {
    Frame frame = frames[index];
    if (frame == null) {
      return;
    }
    Frame after = frame.copy();
    CodeElement element = flow.element(index);
    if (element instanceof Instruction instruction) {
      flowToHandlers(index, after);
      Interpreter.execute(instruction, index, after);
    }
    for (int successor : flow.successors(index)) {
      flowTo(successor, after);
    }
  }

  private void flowTo(int index, Frame frame) {
    Frame known = frames[index];
    if (known == null) {
      frames[index] = frame.copy();
      work.add(index);
    } else if (known.merge(frame)) {
      work.add(index);
    }
  }

  private void flowToHandlers(int index, Frame frame) {
    for (ExceptionCatch handler : flow.handlers(index)) {
      Frame caught = frame.copy();
      caught.clearStack();
      caught.push(Value.of("Ljava/lang/Throwable;", index));
      flowTo(flow.indexOf(handler.handler()), caught);
    }
  }
}
