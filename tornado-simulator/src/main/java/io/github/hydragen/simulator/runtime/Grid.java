package io.github.hydragen.simulator.runtime;

import java.util.Arrays;

/** The threads of a launch, in x, y and z. */
public final class Grid {
  private final int[] global;
  private final int[] local;
  private final int[] offset;

  /**
   * Creates a grid that whole work-groups make up.
   *
   * @param global threads of the grid
   * @param local threads of a work-group
   * @param offset the first thread's ids
   */
  public Grid(int[] global, int[] local, int[] offset) {
    for (int i = 0; i < 3; i++) {
      if (local[i] < 1 || global[i] < 1 || global[i] % local[i] != 0) {
        throw new IllegalArgumentException(
            "%s threads are not a whole number of work-groups of %s"
                .formatted(Arrays.toString(global), Arrays.toString(local)));
      }
    }
    if ((long) local[0] * local[1] * local[2] > Limits.GROUP_THREADS) {
      throw new IllegalArgumentException(
          "A work-group has at most %d threads; got %s"
              .formatted(Limits.GROUP_THREADS, Arrays.toString(local)));
    }
    this.global = global.clone();
    this.local = local.clone();
    this.offset = offset.clone();
  }

  int global(int dimension) {
    return global[dimension];
  }

  int local(int dimension) {
    return local[dimension];
  }

  int offset(int dimension) {
    return offset[dimension];
  }

  @Override
  public String toString() {
    return "%s threads in groups of %s from %s"
        .formatted(Arrays.toString(global), Arrays.toString(local), Arrays.toString(offset));
  }

  int groupThreads() {
    return local[0] * local[1] * local[2];
  }

  long groups() {
    return (long) groups(0) * groups(1) * groups(2);
  }

  int groups(int dimension) {
    return global[dimension] / local[dimension];
  }

  /** Returns the ids of the work-group of this number; x runs fastest. */
  int[] group(long number) {
    return unravel(number, groups(0), groups(1));
  }

  /** Returns the local ids of the thread of this number; x runs fastest. */
  int[] thread(int number) {
    return unravel(number, local[0], local[1]);
  }

  private static int[] unravel(long number, int x, int y) {
    return new int[] {(int) (number % x), (int) (number / x % y), (int) (number / x / y)};
  }

  /** Returns ids as messages show them. */
  static String describe(int[] ids) {
    return "(%d, %d, %d)".formatted(ids[0], ids[1], ids[2]);
  }
}
