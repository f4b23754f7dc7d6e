package io.github.hydragen.simulator.memory;

import org.jspecify.annotations.Nullable;

/**
 * An array in local memory, shared by the threads of a work-group: who wrote and read each element
 * since which barrier, and which elements wait for an asynchronous copy.
 */
public final class LocalArray {
  private final Object array;
  private final int length;
  private final int elementBytes;
  private final long address;
  private final long[] writes;
  private final long[] reads;
  private final boolean[] pending;

  /** Creates the record of {@code array}, which starts {@code address} bytes into local memory. */
  public LocalArray(Object array, int length, int elementBytes, long address) {
    this.array = array;
    this.length = length;
    this.elementBytes = elementBytes;
    this.address = address;
    writes = new long[length];
    reads = new long[length];
    pending = new boolean[length];
  }

  /** Returns the Java array. */
  public Object array() {
    return array;
  }

  /** Returns the number of elements. */
  public int length() {
    return length;
  }

  /** Returns the size of an element in bytes. */
  public int elementBytes() {
    return elementBytes;
  }

  /** Returns where element {@code index} lies in the group's local memory, in bytes. */
  public long address(int index) {
    return address + (long) index * elementBytes;
  }

  /** Tells whether the group of {@code stamp} has written element {@code index}. */
  public boolean isWritten(int index, long stamp) {
    return Stamp.group(writes[index]) == Stamp.group(stamp);
  }

  /** Tells whether an asynchronous copy to element {@code index} is under way. */
  public boolean isPending(int index) {
    return pending[index];
  }

  /** Notes whether an asynchronous copy to element {@code index} is under way. */
  public void setPending(int index, boolean yes) {
    pending[index] = yes;
  }

  /** Notes a read; returns what it conflicts with, or null. */
  public @Nullable String read(int index, long stamp) {
    long write = writes[index];
    if (write != stamp && Stamp.samePhase(write, stamp)) {
      return describe("written", write);
    }
    long last = reads[index];
    if (last != stamp) {
      reads[index] = Stamp.samePhase(last, stamp) ? Stamp.several(stamp) : stamp;
    }
    return null;
  }

  /** Notes a write; returns what it conflicts with, or null. */
  public @Nullable String write(int index, long stamp) {
    long write = writes[index];
    if (write != stamp && Stamp.samePhase(write, stamp)) {
      return describe("written", write);
    }
    return mark(index, stamp, stamp);
  }

  /** Notes an atomic addition; returns what it conflicts with, or null. */
  public @Nullable String add(int index, long stamp) {
    long write = writes[index];
    if (write != stamp && Stamp.samePhase(write, stamp) && !Stamp.isAtomic(write)) {
      return describe("written", write);
    }
    return mark(index, stamp, Stamp.atomic(stamp));
  }

  private @Nullable String mark(int index, long stamp, long mark) {
    long read = reads[index];
    if (read != stamp && Stamp.samePhase(read, stamp)) {
      return describe("read", read);
    }
    writes[index] = mark;
    return null;
  }

  private static String describe(String verb, long stamp) {
    return "it was %s by %s of the group and there was no local barrier since"
        .formatted(verb, Stamp.describe(stamp));
  }
}
