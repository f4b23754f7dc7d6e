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

  /** Returns the bytes of a fragment of ints, those in the lowest bits first. */
  static byte[] bytes(int[] fragment) {
    byte[] bytes = new byte[Integer.BYTES * fragment.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (fragment[i / Integer.BYTES] >> (i % Integer.BYTES * Byte.SIZE));
    }
    return bytes;
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
