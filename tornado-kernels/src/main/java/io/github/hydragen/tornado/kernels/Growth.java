package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Lets suffixes grow by a token each: writes it into the stored keys and values, one thread an
 * element, and brings the work items of the suffixes up to date, so that nothing but lengths has to
 * be sent to the device.
 */
public final class Growth {
  private Growth() {}

  /**
   * Grows suffixes stored as F32.
   *
   * @param newKeys of every sequence of the batch, [sequences, row]
   * @param newValues like {@code newKeys}
   * @param lengths of each suffix of the batch, the new token counted, 1 or more
   * @param firstLength the int of the first sequence's
   * @param firstSequence whose suffix is the store's first
   * @param sequences that have their suffixes in the store
   * @param capacity tokens between the starts of suffixes
   * @param keys [stored tokens, row]
   * @param values like {@code keys}
   * @param row elements of a token
   * @param work its items of a suffix lie behind each other, those of a part too
   * @param firstItem the int of the store's first item
   * @param parts of a suffix, as {@link SuffixParts} has them
   * @param itemsOfPart items of a part
   */
  public static void growF32(
      KernelContext context,
      FloatArray newKeys,
      FloatArray newValues,
      IntArray lengths,
      int firstLength,
      int firstSequence,
      int sequences,
      int capacity,
      FloatArray keys,
      FloatArray values,
      int row,
      IntArray work,
      int firstItem,
      int parts,
      int itemsOfPart) {
    int i = context.globalIdx;
    int sequence = i / row - firstSequence;
    if (sequence >= 0 && sequence < sequences) {
      int length = lengths.get(firstLength + i / row);
      int at = (sequence * capacity + length - 1) * row + i % row;
      keys.set(at, newKeys.get(i));
      values.set(at, newValues.get(i));
      update(work, firstItem, sequence, length, capacity, parts, itemsOfPart, i % row, row);
    }
  }

  /**
   * Grows suffixes stored as BF16, four numbers a long; arguments as in {@link #growF32}.
   *
   * @param row longs of a token
   */
  public static void growBF16(
      KernelContext context,
      LongArray newKeys,
      LongArray newValues,
      IntArray lengths,
      int firstLength,
      int firstSequence,
      int sequences,
      int capacity,
      LongArray keys,
      LongArray values,
      int row,
      IntArray work,
      int firstItem,
      int parts,
      int itemsOfPart) {
    int i = context.globalIdx;
    int sequence = i / row - firstSequence;
    if (sequence >= 0 && sequence < sequences) {
      int length = lengths.get(firstLength + i / row);
      int at = (sequence * capacity + length - 1) * row + i % row;
      keys.set(at, newKeys.get(i));
      values.set(at, newValues.get(i));
      update(work, firstItem, sequence, length, capacity, parts, itemsOfPart, i % row, row);
    }
  }

  /** Grows suffixes stored as F16; arguments as in {@link #growF32}. */
  public static void growF16(
      KernelContext context,
      HalfFloatArray newKeys,
      HalfFloatArray newValues,
      IntArray lengths,
      int firstLength,
      int firstSequence,
      int sequences,
      int capacity,
      HalfFloatArray keys,
      HalfFloatArray values,
      int row,
      IntArray work,
      int firstItem,
      int parts,
      int itemsOfPart) {
    int i = context.globalIdx;
    int sequence = i / row - firstSequence;
    if (sequence >= 0 && sequence < sequences) {
      int length = lengths.get(firstLength + i / row);
      int at = (sequence * capacity + length - 1) * row + i % row;
      keys.set(at, newKeys.get(i));
      values.set(at, newValues.get(i));
      update(work, firstItem, sequence, length, capacity, parts, itemsOfPart, i % row, row);
    }
  }

  /**
   * Brings every {@code step}th item of a suffix up to date, from {@code first} on. What the first
   * part begins with stays as it is.
   */
  private static void update(
      IntArray work,
      int firstItem,
      int sequence,
      int length,
      int capacity,
      int parts,
      int itemsOfPart,
      int first,
      int step) {
    int items = parts * itemsOfPart;
    int firstOfSuffix = firstItem + sequence * items * WorkItem.INTS;
    int size = SuffixParts.size(length, parts);
    for (int i = first; i < items; i += step) {
      int item = firstOfSuffix + i * WorkItem.INTS;
      int part = i / itemsOfPart;
      int offset = SuffixParts.offset(length, part, size);
      work.set(item + WorkItem.KEY_COUNT, SuffixParts.keys(length, offset, size));
      if (part > 0) {
        work.set(item + WorkItem.FIRST_KEY, sequence * capacity + offset);
        work.set(item + WorkItem.POSITION, work.get(firstOfSuffix + WorkItem.POSITION) + offset);
      }
    }
  }
}
