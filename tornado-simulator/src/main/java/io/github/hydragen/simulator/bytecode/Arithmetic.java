package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.Opcode;

/** The sign of what an arithmetic instruction yields; overflow is left out of account. */
final class Arithmetic {
  private Arithmetic() {}

  static void apply(Opcode opcode, Frame frame, int index) {
    if (opcode == Opcode.ARRAYLENGTH) {
      frame.pop();
      frame.push(Value.of("I", index).nonNegative(true));
    } else if (isNegation(opcode)) {
      frame.push(Value.of(frame.pop().type(), index));
    } else {
      binary(opcode, frame, index);
    }
  }

  private static boolean isNegation(Opcode opcode) {
    return switch (opcode) {
      case INEG, LNEG, FNEG, DNEG -> true;
      default -> false;
    };
  }

  private static void binary(Opcode opcode, Frame frame, int index) {
    Value right = frame.pop();
    Value left = frame.pop();
    boolean comparison =
        switch (opcode) {
          case LCMP, FCMPL, FCMPG, DCMPL, DCMPG -> true;
          default -> false;
        };
    Value result = Value.of(comparison ? "I" : left.type(), index);
    Value halfBits = halfBits(opcode, left, right, result);
    frame.push(halfBits.nonNegative(nonNegative(opcode, left, right)));
  }

  /** Masks, shifts and unions keep the bits of a half-precision number what they are. */
  private static Value halfBits(Opcode opcode, Value left, Value right, Value result) {
    boolean bits =
        left.origin() == Value.Origin.HALF_BITS || right.origin() == Value.Origin.HALF_BITS;
    return switch (opcode) {
      case IAND, IOR, ISHL, ISHR, IUSHR, LAND, LOR, LSHL, LSHR, LUSHR ->
          bits ? Value.of(result.type(), Value.Origin.HALF_BITS, result.number()) : result;
      default -> result;
    };
  }

  private static boolean nonNegative(Opcode opcode, Value left, Value right) {
    return switch (opcode) {
      case IAND, LAND -> left.nonNegative() || right.nonNegative();
      case IADD, LADD, IMUL, LMUL, IDIV, LDIV, IOR, LOR, IXOR, LXOR ->
          left.nonNegative() && right.nonNegative();
      case IREM, LREM, ISHR, LSHR, ISHL, LSHL -> left.nonNegative();
      case IUSHR, LUSHR -> left.nonNegative() || isPositive(right);
      default -> false;
    };
  }

  private static boolean isPositive(Value value) {
    Integer constant = value.constant();
    return constant != null && constant > 0;
  }
}
