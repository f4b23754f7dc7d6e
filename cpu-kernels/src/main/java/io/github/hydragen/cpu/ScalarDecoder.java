package io.github.hydragen.cpu;

import io.github.hydragen.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The scalar twin of {@link VectorDecoders}. */
final class ScalarDecoder implements Decoder {
  private static final int BLOCK = KvLayout.BLOCK;

  private final DataType type;

  ScalarDecoder(DataType type) {
    this.type = type;
  }

  @Override
  public void keys(MemorySegment memory, long offset, int row, float[] into, int at) {
    if (type == DataType.F32) {
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, into, at, row * BLOCK);
      return;
    }
    for (int p = 0; p < row / 2; p++) {
      for (int t = 0; t < BLOCK; t++) {
        int word = memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset + (p * BLOCK + t) * 4L);
        into[at + 2 * p * BLOCK + t] = low(word);
        into[at + (2 * p + 1) * BLOCK + t] = high(word);
      }
    }
  }

  @Override
  public void values(MemorySegment memory, long offset, int row, float[] into, int at, int stride) {
    if (type == DataType.F32) {
      for (int t = 0; t < BLOCK; t++) {
        MemorySegment.copy(
            memory,
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            offset + 4L * t * row,
            into,
            at + t * stride,
            row);
      }
      return;
    }
    for (int p = 0; p < BLOCK / 2; p++) {
      for (int e = 0; e < row; e++) {
        int word = memory.get(ValueLayout.JAVA_INT_UNALIGNED, offset + (p * row + e) * 4L);
        into[at + 2 * p * stride + e] = low(word);
        into[at + (2 * p + 1) * stride + e] = high(word);
      }
    }
  }

  private float low(int word) {
    return toFloat((short) word);
  }

  private float high(int word) {
    return toFloat((short) (word >> 16));
  }

  private float toFloat(short bits) {
    return type == DataType.F16 ? Float.float16ToFloat(bits) : DataType.bf16ToFloat(bits);
  }
}
