package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ControlFlow;
import io.github.hydragen.simulator.lint.Loops.Loop;
import java.lang.classfile.Instruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rule for code that two conditions lead to, as {@code a || b} or the other side of {@code a &&
 * b} does. TornadoVM writes what follows it where the second condition fails, and again behind it
 * without leaving that out: where the code has a loop and is in one, both are run.
 */
final class ConditionRules {
  private final CheckedMethod method;
  private final ControlFlow flow;
  private final Loops loops;

  ConditionRules(CheckedMethod method) {
    this.method = method;
    flow = method.dataflow().flow();
    loops = new Loops(method.dataflow());
  }

  void check() {
    method.visit(
        (instruction, index, frame) -> {
          if (isCondition(index)) {
            check(index);
          }
        });
  }

  /** Looks at what the condition leads to, as the second of two. */
  private void check(int second) {
    List<Integer> ways = flow.successors(second).stream().map(this::start).toList();
    for (int way = 0; way < ways.size(); way++) {
      int shared = ways.get(way);
      int other = ways.get(1 - way);
      for (int first : conditionsThatLeadTo(shared)) {
        if (first < second && shared != other && meets(first, second, shared, other)) {
          method.report(LintRule.LOOP_UNDER_OR, first, "the first of the conditions");
          return;
        }
      }
    }
  }

  private boolean meets(int first, int second, int shared, int other) {
    // Ways out of a loop lead to the same place too, which is no concern of this rule.
    List<Loop> around =
        loops.all().stream()
            .filter(loop -> loop.body().get(first) || loop.body().get(second))
            .toList();
    boolean inALoop =
        !around.isEmpty()
            && around.stream()
                .map(Loop::body)
                .allMatch(body -> body.get(first) && body.get(second) && body.get(shared));
    if (!inALoop || !reach(start(otherWay(first, shared)), shared, first).get(second)) {
      return false;
    }
    BitSet own = reach(shared, first, second);
    own.andNot(reach(other, first, second));
    return loops.all().stream().anyMatch(loop -> own.get(loop.header()));
  }

  private int otherWay(int condition, int shared) {
    List<Integer> ways = flow.successors(condition);
    return start(ways.get(0)) == shared ? ways.get(1) : ways.get(0);
  }

  private Set<Integer> conditionsThatLeadTo(int target) {
    Set<Integer> conditions = new TreeSet<>();
    for (int i = 0; i < flow.size(); i++) {
      if (method.dataflow().before(i) != null
          && isCondition(i)
          && flow.successors(i).stream().anyMatch(next -> start(next) == target)) {
        conditions.add(i);
      }
    }
    return conditions;
  }

  private boolean isCondition(int index) {
    return flow.element(index) instanceof BranchInstruction branch && !ControlFlow.isGoto(branch);
  }

  /** The first instruction from there on that is more than a jump. */
  private int start(int index) {
    int at = index;
    while (isPassed(at) && flow.successors(at).size() == 1 && flow.successors(at).get(0) > at) {
      at = flow.successors(at).get(0);
    }
    return at;
  }

  private boolean isPassed(int index) {
    return !(flow.element(index) instanceof Instruction)
        || (flow.element(index) instanceof BranchInstruction branch && ControlFlow.isGoto(branch));
  }

  /** What can be reached, the start included, without going on from two places. */
  private BitSet reach(int from, int end, int otherEnd) {
    BitSet reached = new BitSet();
    ArrayDeque<Integer> work = new ArrayDeque<>();
    work.add(from);
    while (!work.isEmpty()) {
      int index = work.removeFirst();
      if (!reached.get(index)) {
        reached.set(index);
        if (index != end && index != otherEnd) {
          work.addAll(flow.successors(index));
        }
      }
    }
    return reached;
  }
}
