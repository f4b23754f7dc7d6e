package io.github.hydragen.cpu.simd;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.store.KvStrip;

/** The scalar twin of {@link VectorRowSums32} and {@link VectorRowSums16}. */
public final class ScalarRowSums implements RowSums {
  private final DataType type;
  private final float factor;

  /** Leaves a factor to the caller, like the sums that it stands in for. */
  public ScalarRowSums(DataType type, float factor) {
    this.type = type;
    this.factor = factor;
  }

  @Override
  public float factor() {
    return factor;
  }

  @Override
  public void add(
      int weights, float[] w, int wAt, int wStride, KvStrip x, float[] o, int oAt, int oStride) {
    float inverse = 1 / factor;
    for (int i = x.from; i < x.to; i++) {
      for (int c = 0; c < x.columns; c++) {
        float value = ScalarDecoder.get(type, x, i, c) * inverse;
        for (int r = 0; r < weights; r++) {
          o[oAt + r * oStride + c] += w[wAt + r * wStride + i] * value;
        }
      }
    }
  }
}
