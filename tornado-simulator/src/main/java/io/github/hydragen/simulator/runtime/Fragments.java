package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.memory.Poison;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** What a thread holds of the matrices: as numbers, or as 32-bit registers of two of them. */
final class Fragments {
  /** Elements of a thread's part of C. */
  static final int SUMS = 4;

  private static final int PAIR = 2;

  private Fragments() {}

  /**
   * Returns the numbers of an operand of A or B, which a load made or which is an {@code int[]} in
   * disguise.
   *
   * @param registers how many the instruction reads
   */
  static HalfFloat[] numbers(HalfFloat[] operand, int registers, WorkItem item, int site) {
    if (!(item.views().find(operand) instanceof int[] own)) {
      return operand;
    }
    HalfFloat[] numbers = new HalfFloat[PAIR * Math.min(registers, own.length)];
    for (int i = 0; i < numbers.length; i++) {
      int register = own[i / PAIR];
      checkWritten(!Poison.is(register), i / PAIR, item, site);
      numbers[i] = new HalfFloat((short) (register >> (i % PAIR * Short.SIZE)));
    }
    return numbers;
  }

  /** Returns the sums of an accumulator: a fragment, or the first of an array of the thread's. */
  static float[] sums(float[] operand, WorkItem item, int site) {
    float[] sums = Arrays.copyOf(operand, Math.min(SUMS, operand.length));
    for (int i = 0; i < sums.length; i++) {
      checkWritten(!Poison.is(sums[i]), i, item, site);
    }
    return sums;
  }

  /** Returns the registers of a fragment, with the numbers in lower halves first. */
  static int[] registers(HalfFloat[] fragment) {
    int[] registers = new int[fragment.length / PAIR];
    for (int i = 0; i < registers.length; i++) {
      int low = fragment[PAIR * i].getHalfFloatValue() & 0xFFFF;
      int high = fragment[PAIR * i + 1].getHalfFloatValue();
      registers[i] = low | (high << Short.SIZE);
    }
    return registers;
  }

  private static void checkWritten(boolean written, int element, WorkItem item, int site) {
    if (!written) {
      throw KernelHooks.fault(
          FaultKind.UNWRITTEN_READ,
          "element %d of an operand, an array of the thread's own, was never written"
              .formatted(element),
          item,
          site);
    }
  }
}
