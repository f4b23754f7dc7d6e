package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/** The scalar twin of {@link VectorValues32} and {@link VectorValues16}. */
final class ScalarValues implements ValueOps {
  private static final int BLOCK = KvLayout.BLOCK;
  private static final int STRIDE = KvLayout.VALUE_STRIDE;

  private final KvLayout layout;
  private final Decoder decoder;
  private final float weightFactor;
  private final float[] values = new float[BLOCK * STRIDE];

  /** Takes weights multiplied by a factor, like the ops that it stands in for. */
  ScalarValues(KvLayout layout, float weightFactor) {
    this.layout = layout;
    this.weightFactor = weightFactor;
    this.decoder = new ScalarDecoder(layout.type);
  }

  @Override
  public float weightFactor() {
    return weightFactor;
  }

  @Override
  public void accumulate(
      int rows,
      float[] p,
      int pAt,
      int pStride,
      MemorySegment memory,
      long offset,
      int from,
      int to,
      float[] o,
      int oAt) {
    int row = layout.valueRow;
    for (int t = from; t < to; t++) {
      int block = t / BLOCK;
      if (t == from || t % BLOCK == 0) {
        decoder.values(memory, offset + block * layout.valueBlockBytes, row, values, 0, STRIDE);
      }
      int v = t % BLOCK * STRIDE;
      for (int r = 0; r < rows; r++) {
        float weight = p[pAt + r * pStride + t] / weightFactor;
        int out = oAt + r * row;
        for (int e = 0; e < row; e++) {
          o[out + e] += weight * values[v + e];
        }
      }
    }
  }
}
