package io.github.hydragen.cpu.simd;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStrip;
import java.lang.foreign.ValueLayout;

/** The scalar twin of {@link VectorDecoders}. */
public final class ScalarDecoder implements Decoder {
  private static final int BLOCK = KvLayout.BLOCK;

  private final DataType type;

  /** For stored numbers of a type. */
  public ScalarDecoder(DataType type) {
    this.type = type;
  }

  @Override
  public void decode(KvStrip x, float[] into, int at, int rowStride, int blockStride) {
    for (int i = x.from; i < x.to; i++) {
      int row = at + i * rowStride;
      for (int c = 0; c < x.columns; c++) {
        into[row + c / BLOCK * blockStride + c % BLOCK] = get(type, x, i, c);
      }
    }
  }

  /** One element of a strip. */
  static float get(DataType type, KvStrip x, int row, int column) {
    if (type == DataType.F32) {
      long at = x.offset + 4 * ((long) row * x.width + column);
      return x.memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
    }
    long at = x.offset + 4 * ((long) (row >> 1) * x.width + column) + 2L * (row & 1);
    short bits = x.memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
    return type == DataType.F16 ? Float.float16ToFloat(bits) : DataType.bf16ToFloat(bits);
  }
}
