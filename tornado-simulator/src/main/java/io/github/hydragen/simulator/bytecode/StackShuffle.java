package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.Opcode;
import java.util.List;

/** The instructions that only rearrange the operand stack. */
final class StackShuffle {
  private StackShuffle() {}

  static void apply(Opcode opcode, Frame frame) {
    switch (opcode) {
      case POP -> frame.pop();
      case POP2 -> frame.pop(slots2(frame, 0));
      case DUP -> insertCopy(frame, 1, 0);
      case DUP_X1 -> insertCopy(frame, 1, 1);
      case DUP_X2 -> insertCopy(frame, 1, slots2(frame, 1));
      case DUP2 -> insertCopy(frame, slots2(frame, 0), 0);
      case DUP2_X1 -> insertCopy(frame, slots2(frame, 0), 1);
      case DUP2_X2 -> {
        int copied = slots2(frame, 0);
        insertCopy(frame, copied, slots2(frame, copied));
      }
      case SWAP -> {
        Value top = frame.pop();
        frame.stack().add(frame.stack().size() - 1, top);
      }
      default -> throw new IllegalArgumentException("not a stack instruction: " + opcode);
    }
  }

  /** Returns how many values make up two slots from {@code depth} below the top on. */
  private static int slots2(Frame frame, int depth) {
    return frame.top(depth).isWide() ? 1 : 2;
  }

  private static void insertCopy(Frame frame, int copied, int below) {
    int size = frame.stack().size();
    List<Value> copies = List.copyOf(frame.stack().subList(size - copied, size));
    frame.stack().addAll(size - copied - below, copies);
  }
}
