package io.github.hydragen.simulator.bytecode;

import org.jspecify.annotations.Nullable;

/** What has been seen of the uses of one parameter. */
final class ParameterUse {
  /**
   * The condition that a write is under.
   *
   * @param branch which branch, by call depth and instruction
   * @param taken whether the write is where the branch goes to, or where it falls through
   */
  record Condition(String branch, boolean taken) {}

  private boolean read;
  private boolean written;
  private @Nullable String branch;
  private boolean whenTaken;
  private boolean whenNotTaken;

  void read() {
    read = true;
  }

  void write(@Nullable Condition condition) {
    written = true;
    if (condition != null && (branch == null || branch.equals(condition.branch()))) {
      branch = condition.branch();
      whenTaken |= condition.taken();
      whenNotTaken |= !condition.taken();
    }
  }

  ParameterAccess access() {
    return ParameterAccess.of(read || whenTaken != whenNotTaken, written);
  }
}
