package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Writes new tokens into stored keys and values, in place: one thread an element. */
public final class Append {
  private Append() {}

  /**
   * Appends F32 tokens.
   *
   * @param newKeys [tokens, row]
   * @param newValues like {@code newKeys}
   * @param step where each token goes, as a token of the stored ones; negative for nowhere
   * @param firstTarget the int of the first token's target
   * @param keys [stored tokens, row]
   * @param values like {@code keys}
   * @param row elements of a token
   */
  public static void appendF32(
      KernelContext context,
      FloatArray newKeys,
      FloatArray newValues,
      IntArray step,
      int firstTarget,
      FloatArray keys,
      FloatArray values,
      int row) {
    int i = context.globalIdx;
    int target = step.get(firstTarget + i / row);
    // The condition also makes the stored arrays count as read and written: a task that only
    // writes an array would not have its contents sent to the device first.
    if (target >= 0) {
      int at = target * row + i % row;
      keys.set(at, newKeys.get(i));
      values.set(at, newValues.get(i));
    }
  }

  /**
   * Appends BF16 tokens, four numbers a long; arguments as in {@link #appendF32}.
   *
   * @param row longs of a token
   */
  public static void appendBF16(
      KernelContext context,
      LongArray newKeys,
      LongArray newValues,
      IntArray step,
      int firstTarget,
      LongArray keys,
      LongArray values,
      int row) {
    int i = context.globalIdx;
    int target = step.get(firstTarget + i / row);
    if (target >= 0) {
      int at = target * row + i % row;
      keys.set(at, newKeys.get(i));
      values.set(at, newValues.get(i));
    }
  }

  /** Appends F16 tokens; arguments as in {@link #appendF32}. */
  public static void appendF16(
      KernelContext context,
      HalfFloatArray newKeys,
      HalfFloatArray newValues,
      IntArray step,
      int firstTarget,
      HalfFloatArray keys,
      HalfFloatArray values,
      int row) {
    int i = context.globalIdx;
    int target = step.get(firstTarget + i / row);
    if (target >= 0) {
      int at = target * row + i % row;
      keys.set(at, newKeys.get(i));
      values.set(at, newValues.get(i));
    }
  }
}
