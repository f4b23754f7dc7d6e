package io.github.hydragen.tornado;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A list of ints that grows. */
final class Ints {
  private int[] values = new int[64];
  private int size;

  void add(int... more) {
    if (size + more.length > values.length) {
      values = Arrays.copyOf(values, Math.max(2 * values.length, size + more.length));
    }
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  int size() {
    return size;
  }

  int get(int index) {
    return values[index];
  }

  /** Writes the list to the start of an array and {@code filler} behind it. */
  void copyTo(IntArray array, int filler) {
    MemorySegment to = array.getSegment();
    MemorySegment.copy(MemorySegment.ofArray(values), 0, to, 0, (long) size * Integer.BYTES);
    for (int i = size; i < array.getSize(); i++) {
      array.set(i, filler);
    }
  }
}
