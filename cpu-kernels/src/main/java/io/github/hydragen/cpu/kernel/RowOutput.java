package io.github.hydragen.cpu.kernel;

import io.github.hydragen.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One row's unnormalised state on its way from a kernel to the caller's tensors. */
public final class RowOutput {
  private static final double LN2 = Math.log(2);

  final float[] out;

  /** The largest score, in base 2; see {@link RowStates}. */
  public float max;

  /** The sum of the weights, relative to the largest. */
  public float sum;

  RowOutput(int headDim) {
    this.out = new float[headDim];
  }

  /** Sets it to the state of a row that has seen no key. */
  public void clear() {
    Arrays.fill(out, 0);
    max = Float.NEGATIVE_INFINITY;
    sum = 0;
  }

  /** Normalises the row and writes it; the state is spent. */
  public void write(Tensor to, @Nullable Tensor lse, long row) {
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
