package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.memory.LocalArray;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The copies from global to local memory that a thread has started and not waited for. */
final class AsyncCopies {

  /** One copy: what was read, and where it goes. */
  record Copy(LocalArray target, int index, int value, int site) {}

  private final ArrayDeque<List<Copy>> groups = new ArrayDeque<>();
  private List<Copy> open = new ArrayList<>();

  void start(Copy copy) {
    open.add(copy);
  }

  void commit() {
    groups.add(open);
    open = new ArrayList<>();
  }

  /** Returns the copies that are over once at most {@code remaining} groups are under way. */
  List<Copy> await(int remaining) {
    List<Copy> done = new ArrayList<>();
    while (groups.size() > remaining) {
      done.addAll(groups.removeFirst());
    }
    return done;
  }

  /** Tells whether every copy was committed and waited for. */
  boolean isEmpty() {
    return open.isEmpty() && groups.stream().allMatch(List::isEmpty);
  }
}
