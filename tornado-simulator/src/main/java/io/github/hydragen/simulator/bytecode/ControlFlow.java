package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The elements of a method's code, by index, and the ways between them. */
public final class ControlFlow {
  private final List<CodeElement> elements;
  private final Map<Label, Integer> labels = new HashMap<>();
  private final List<List<Integer>> successors = new ArrayList<>();
  private final List<ExceptionCatch> handlers = new ArrayList<>();
  private final int[] lines;

  ControlFlow(List<CodeElement> elements) {
    this.elements = elements;
    lines = new int[elements.size()];
    int line = 0;
    for (int i = 0; i < elements.size(); i++) {
      CodeElement element = elements.get(i);
      if (element instanceof LabelTarget target) {
        labels.put(target.label(), i);
      } else if (element instanceof LineNumber number) {
        line = number.line();
      } else if (element instanceof ExceptionCatch handler) {
        handlers.add(handler);
      }
      lines[i] = line;
    }
    for (int i = 0; i < elements.size(); i++) {
      successors.add(findSuccessors(i));
    }
  }

  /** Returns the number of elements. */
  public int size() {
    return elements.size();
  }

  /** Returns the element at {@code index}. */
  public CodeElement element(int index) {
    return elements.get(index);
  }

  /** Returns the elements in order. */
  public List<CodeElement> elements() {
    return elements;
  }

  /** Returns the source line of the element at {@code index}; 0 where it is not known. */
  public int line(int index) {
    return lines[index];
  }

  /** Returns the index of the element that {@code label} marks. */
  public int indexOf(Label label) {
    Integer index = labels.get(label);
    if (index == null) {
      throw new IllegalArgumentException("not a label of this method: " + label);
    }
    return index;
  }

  /** Returns the elements that may follow the one at {@code index}, other than handlers. */
  public List<Integer> successors(int index) {
    return successors.get(index);
  }

  /** Returns the handlers that cover the element at {@code index}. */
  public List<ExceptionCatch> handlers(int index) {
    return handlers.stream()
        .filter(handler -> index >= indexOf(handler.tryStart()))
        .filter(handler -> index < indexOf(handler.tryEnd()))
        .toList();
  }

  private List<Integer> findSuccessors(int index) {
    CodeElement element = elements.get(index);
    if (element instanceof ReturnInstruction || element instanceof ThrowInstruction) {
      return List.of();
    }
    if (element instanceof BranchInstruction branch) {
      int target = indexOf(branch.target());
      return isGoto(branch) ? List.of(target) : List.of(index + 1, target);
    }
    if (element instanceof TableSwitchInstruction choice) {
      return targets(choice.defaultTarget(), choice.cases());
    }
    if (element instanceof LookupSwitchInstruction choice) {
      return targets(choice.defaultTarget(), choice.cases());
    }
    return index + 1 < elements.size() ? List.of(index + 1) : List.of();
  }

  private List<Integer> targets(Label defaultTarget, List<SwitchCase> cases) {
    List<Integer> targets = new ArrayList<>();
    targets.add(indexOf(defaultTarget));
    for (SwitchCase one : cases) {
      targets.add(indexOf(one.target()));
    }
    return targets;
  }

  /** Tells whether the branch is always taken. */
  public static boolean isGoto(BranchInstruction branch) {
    return branch.opcode() == Opcode.GOTO || branch.opcode() == Opcode.GOTO_W;
  }
}
