package io.github.hydragen.cpu.store;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes rows of keys and values into a store, rounding them to its type. */
public final class KvWriter {
  private final KvLayout layout;
  private final int headDim;

  /** A writer that all workers may use at once. */
  public KvWriter(KvLayout layout) {
    this.layout = layout;
    this.headDim = layout.shape.headDim();
  }

  /**
   * Writes one head of one token.
   *
   * @param store holds the run
   * @param token one of the run's
   * @param index position of the head's first element in {@code k} and {@code v}
   */
  public void write(KvStore store, KvRun run, int token, Tensor k, Tensor v, long index) {
    int at = token - run.start;
    long key = run.keys + layout.keyOffset(run.tokens, at, 0);
    long keyStep = 4L * KvLayout.keyColumns(run.tokens, at);
    if (layout.type == DataType.F32) {
      writeF32(store.memory, key, keyStep, k, index, 0, headDim);
    } else {
      // Elements of even numbers, and those of odd ones beside them.
      write16(store, key, keyStep, k, index, 2, (headDim + 1) / 2);
      write16(store, key + 2, keyStep, k, index + 1, 2, headDim / 2);
    }
    for (int e = 0; e < headDim; e += KvLayout.STRIP) {
      long value = run.values + layout.valueOffset(run.tokens, at, e);
      int end = Math.min(headDim, e + KvLayout.STRIP);
      if (layout.type == DataType.F32) {
        writeF32(store.memory, value, 4, v, index, e, end);
      } else {
        write16(store, value, 4, v, index + e, 1, end - e);
      }
    }
  }

  private static void writeF32(
      MemorySegment to, long at, long step, Tensor from, long index, int first, int end) {
    if (from.type() == DataType.F32) {
      MemorySegment source = from.segment();
      for (int e = first; e < end; e++) {
        float x = source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (index + e) * 4);
        to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (e - first) * step, x);
      }
      return;
    }
    for (int e = first; e < end; e++) {
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + (e - first) * step, from.get(index + e));
    }
  }

  /**
   * Writes elements, {@code step} bytes apart from {@code at} on.
   *
   * @param index the number of the first in {@code from}
   * @param each the distance there to the next
   */
  private void write16(
      KvStore store, long at, long step, Tensor from, long index, long each, int count) {
    MemorySegment to = store.memory;
    MemorySegment source = from.segment();
    boolean half = layout.type == DataType.F16;
    boolean special = false;
    if (from.type() == layout.type) {
      special = copy(to, at, step, source, index, each, count) && half;
    } else if (from.type() == DataType.F32 && half) {
      special = f32ToF16(to, at, step, source, index, each, count);
    } else if (from.type() == DataType.F32) {
      f32ToBf16(to, at, step, source, index, each, count);
    } else if (half) {
      special = bf16ToF16(to, at, step, source, index, each, count);
    } else {
      f16ToBf16(to, at, step, source, index, each, count);
    }
    if (special) {
      // Never set to false here, as other workers write to the store too.
      store.special = true;
    }
  }

  // A loop of its own for each pair of types: as one loop, what a JVM used last took up to four
  // times as long. Those that write F16 say whether the loops on vectors cannot widen some of it.

  private static boolean copy(
      MemorySegment to, long at, long step, MemorySegment from, long index, long each, int count) {
    boolean special = false;
    for (int e = 0; e < count; e++) {
      short bits = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + e * each) * 2);
      special |= isSpecial(bits);
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + e * step, bits);
    }
    return special;
  }

  private static boolean f32ToF16(
      MemorySegment to, long at, long step, MemorySegment from, long index, long each, int count) {
    boolean special = false;
    for (int e = 0; e < count; e++) {
      float value = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (index + e * each) * 4);
      short bits = Float.floatToFloat16(value);
      special |= isSpecial(bits);
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + e * step, bits);
    }
    return special;
  }

  private static void f32ToBf16(
      MemorySegment to, long at, long step, MemorySegment from, long index, long each, int count) {
    for (int e = 0; e < count; e++) {
      float value = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (index + e * each) * 4);
      short bits = DataType.floatToBf16(value);
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + e * step, bits);
    }
  }

  private static boolean bf16ToF16(
      MemorySegment to, long at, long step, MemorySegment from, long index, long each, int count) {
    boolean special = false;
    for (int e = 0; e < count; e++) {
      short wide = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + e * each) * 2);
      short bits = Float.floatToFloat16(DataType.bf16ToFloat(wide));
      special |= isSpecial(bits);
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + e * step, bits);
    }
    return special;
  }

  private static void f16ToBf16(
      MemorySegment to, long at, long step, MemorySegment from, long index, long each, int count) {
    for (int e = 0; e < count; e++) {
      short half = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + e * each) * 2);
      short bits = DataType.floatToBf16(Float.float16ToFloat(half));
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + e * step, bits);
    }
  }

  /** Whether half precision takes the bits for an infinity or no number. */
  private static boolean isSpecial(short bits) {
    return (bits & 0x7c00) == 0x7c00;
  }
}
