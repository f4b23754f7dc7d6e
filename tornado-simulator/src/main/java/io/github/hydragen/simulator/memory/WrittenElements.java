package io.github.hydragen.simulator.memory;

import java.util.BitSet;

/** Which elements of an array hold something. */
public final class WrittenElements {
  private final BitSet elements = new BitSet();
  private final int size;
  private boolean all;

  WrittenElements(int size) {
    this.size = size;
  }

  /** Tells whether element {@code index} was copied or written. */
  public boolean get(int index) {
    return all || elements.get(index);
  }

  /** Tells whether any element was copied or written. */
  public boolean any() {
    return all || !elements.isEmpty();
  }

  /** Notes a write of element {@code index}. */
  public void set(int index) {
    if (!all) {
      elements.set(index);
    }
  }

  void setAll() {
    all = true;
    elements.clear();
  }

  /** Returns the number of elements. */
  public int size() {
    return size;
  }
}
