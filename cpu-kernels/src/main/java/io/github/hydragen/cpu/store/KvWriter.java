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
      writeKey16(store, key, keyStep, k, index);
    }
    for (int e = 0; e < headDim; e += KvLayout.STRIP) {
      long value = run.values + layout.valueOffset(run.tokens, at, e);
      int end = Math.min(headDim, e + KvLayout.STRIP);
      if (layout.type == DataType.F32) {
        writeF32(store.memory, value, 4, v, index, e, end);
      } else {
        writeValue16(store, value, v, index, e, end);
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

  private void writeKey16(KvStore store, long at, long step, Tensor from, long index) {
    boolean same = from.type() == layout.type;
    MemorySegment source = from.segment();
    for (int e = 0; e < headDim; e++) {
      short bits =
          same
              ? source.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + e) * 2)
              : bits(from.get(index + e));
      long offset = (e >> 1) * step + (e & 1) * 2L;
      store.memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + offset, watch(store, bits));
    }
  }

  private void writeValue16(KvStore store, long at, Tensor from, long index, int first, int end) {
    boolean same = from.type() == layout.type;
    MemorySegment source = from.segment();
    for (int e = first; e < end; e++) {
      short bits =
          same
              ? source.get(ValueLayout.JAVA_SHORT_UNALIGNED, (index + e) * 2)
              : bits(from.get(index + e));
      store.memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + (e - first) * 4L, watch(store, bits));
    }
  }

  private short bits(float value) {
    return layout.type == DataType.F16 ? Float.floatToFloat16(value) : DataType.floatToBf16(value);
  }

  /**
   * Passes bits on; remembers in the store that it holds some that the loops on vectors cannot
   * widen.
   */
  private short watch(KvStore store, short bits) {
    if (layout.type == DataType.F16 && (bits & 0x7c00) == 0x7c00) {
      store.special = true;
    }
    return bits;
  }
}
