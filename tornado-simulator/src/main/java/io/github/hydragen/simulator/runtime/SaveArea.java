package io.github.hydragen.simulator.runtime;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The variables of a thread that has left its kernel in the middle: last in, first out. */
final class SaveArea {
  private static final int INITIAL = 32;

  private long[] numbers = new long[INITIAL];
  private @Nullable Object[] objects = new Object[INITIAL];
  private int numberCount;
  private int objectCount;

  void push(long number) {
    if (numberCount == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * numberCount);
    }
    numbers[numberCount++] = number;
  }

  void push(@Nullable Object object) {
    if (objectCount == objects.length) {
      objects = Arrays.copyOf(objects, 2 * objectCount);
    }
    objects[objectCount++] = object;
  }

  long popNumber() {
    return numbers[--numberCount];
  }

  @Nullable Object popObject() {
    return objects[--objectCount];
  }
}
