package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One row's unnormalised state on its way from a kernel to the caller's tensors. */
final class RowOutput {
  private static final double LN2 = Math.log(2);

  final float[] out;
  float max;
  float sum;

  RowOutput(int headDim) {
    this.out = new float[headDim];
  }

  void clear() {
    Arrays.fill(out, 0);
    max = Float.NEGATIVE_INFINITY;
    sum = 0;
  }

  /** Normalises the row and writes it; the state is spent. */
  void write(Tensor to, @Nullable Tensor lse, long row) {
    float inverse = sum == 0 ? 0 : 1 / sum;
    for (int e = 0; e < out.length; e++) {
      out[e] *= inverse;
    }
    to.set(row * out.length, out);
    if (lse != null) {
      lse.set(row, sum == 0 ? Float.NEGATIVE_INFINITY : (float) (max * LN2 + Math.log(sum)));
    }
  }
}
