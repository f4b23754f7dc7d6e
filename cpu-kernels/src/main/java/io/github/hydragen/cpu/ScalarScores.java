package io.github.hydragen.cpu;

import java.lang.foreign.MemorySegment;

/** The scalar twin of {@link VectorScores32} and {@link VectorScores16}. */
final class ScalarScores implements ScoreOps {
  private static final int BLOCK = KvLayout.BLOCK;

  private final KvLayout layout;
  private final Decoder decoder;
  private final float[] keys;
  private final float queryFactor;

  /** Takes queries multiplied by a factor, like the ops that it stands in for. */
  ScalarScores(KvLayout layout, float queryFactor) {
    this.layout = layout;
    this.queryFactor = queryFactor;
    this.decoder = new ScalarDecoder(layout.type);
    this.keys = new float[BLOCK * layout.keyRow];
  }

  @Override
  public float queryFactor() {
    return queryFactor;
  }

  @Override
  public void scores(
      int rows,
      float[] q,
      int qAt,
      MemorySegment memory,
      long offset,
      int blocks,
      float[] s,
      int at,
      int stride) {
    int headDim = layout.shape.headDim();
    for (int b = 0; b < blocks; b++) {
      decoder.keys(memory, offset + b * layout.keyBlockBytes, layout.keyRow, keys, 0);
      for (int r = 0; r < rows; r++) {
        for (int t = 0; t < BLOCK; t++) {
          float dot = 0;
          for (int e = 0; e < headDim; e++) {
            dot += q[qAt + e * rows + r] * keys[e * BLOCK + t];
          }
          s[at + r * stride + b * BLOCK + t] = dot / queryFactor;
        }
      }
    }
  }
}
