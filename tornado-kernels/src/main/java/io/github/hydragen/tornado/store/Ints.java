package io.github.hydragen.tornado.store;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A list of ints that grows. */
public final class Ints {
  /** Always empty. */
  public static final Ints NONE = new Ints();

  private int[] values = new int[64];
  private int size;

  /** Adds some at the end. */
  public void add(int... more) {
    if (size + more.length > values.length) {
      values = Arrays.copyOf(values, Math.max(2 * values.length, size + more.length));
    }
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /** The one at an index. */
  public int get(int index) {
    return values[index];
  }

  /** Writes the list to {@code room} ints from {@code first} on, and zeros behind it. */
  public void copyTo(MemorySegment to, long first, long room) {
    MemorySegment part = to.asSlice(first * Integer.BYTES, room * Integer.BYTES);
    long bytes = (long) size * Integer.BYTES;
    MemorySegment.copy(MemorySegment.ofArray(values), 0, part, 0, bytes);
    part.asSlice(bytes).fill((byte) 0);
  }
}
