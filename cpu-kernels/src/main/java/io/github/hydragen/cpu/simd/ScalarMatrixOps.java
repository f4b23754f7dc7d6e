package io.github.hydragen.cpu.simd;

import io.github.hydragen.cpu.store.KvLayout;
import java.util.Arrays;

/** The scalar twin of {@link VectorMatrixOps}. */
final class ScalarMatrixOps implements MatrixOps {
  private static final int BLOCK = KvLayout.BLOCK;
  private static final int VALUE_BLOCK = KvLayout.VALUE_BLOCK;
  private static final int WIDTH = 16;

  @Override
  public int width(int rows) {
    return WIDTH;
  }

  @Override
  public int maxWidth() {
    return WIDTH;
  }

  @Override
  public void scores(
      int width, float[] q, int qAt, float[] keys, int keyRow, int headDim, int tokens, float[] s) {
    Arrays.fill(s, 0, tokens * width, 0);
    for (int t = 0; t < tokens; t++) {
      int k = t / BLOCK * keyRow * BLOCK + t % BLOCK;
      for (int e = 0; e < headDim; e++) {
        float key = keys[k + e * BLOCK];
        for (int x = 0; x < width; x++) {
          s[t * width + x] += q[qAt + e * width + x] * key;
        }
      }
    }
  }

  @Override
  public void softmax(
      int width, int tokens, float[] s, float[] max, float[] sum, int at, float[] factor) {
    for (int x = 0; x < width; x++) {
      float now = max[at + x];
      for (int t = 0; t < tokens; t++) {
        now = Math.max(now, s[t * width + x]);
      }
      factor[x] = Exp2.of(max[at + x] - now);
      max[at + x] = now;
      float total = sum[at + x] * factor[x];
      for (int t = 0; t < tokens; t++) {
        float weight = Exp2.of(s[t * width + x] - now);
        s[t * width + x] = weight;
        total += weight;
      }
      sum[at + x] = total;
    }
  }

  @Override
  public boolean finite(float[] x) {
    float sum = 0;
    for (float one : x) {
      sum += one * 0;
    }
    return sum == 0;
  }

  @Override
  public void accumulate(
      int width,
      float[] p,
      int tokens,
      float[] values,
      int elements,
      float[] factor,
      float[] o,
      int oAt) {
    for (int e = 0; e < elements; e++) {
      int out = oAt + e * width;
      for (int x = 0; x < width; x++) {
        o[out + x] *= factor[x];
      }
      for (int t = 0; t < tokens; t++) {
        float value = values[e / BLOCK * VALUE_BLOCK + t * BLOCK + e % BLOCK];
        for (int x = 0; x < width; x++) {
          o[out + x] += p[t * width + x] * value;
        }
      }
    }
  }
}
