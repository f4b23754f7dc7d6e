package io.github.hydragen.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SoftmaxOpsTest {
  private static final int BLOCK = 16;

  private static float[] tanh(SoftmaxOps ops, float x, float inverse, float factor) {
    float[] s = new float[3 * BLOCK];
    Arrays.fill(s, x);
    ops.tanh(s, BLOCK, BLOCK, inverse, factor);
    assertEquals(x, s[BLOCK - 1]);
    assertEquals(x, s[2 * BLOCK]);
    return s;
  }

  /**
   * For every size of argument: what is relative to the cap alone is not enough where caps are
   * large.
   */
  @Test
  void tanhIsExactToAFewUlps() {
    SoftmaxOps ops = Simd.best().softmaxOps();
    for (float x = 1e-30f; x < 1e30f; x *= 1.001f) {
      float argument = x;
      for (float sign : new float[] {1, -1}) {
        double expected = 50 * Math.tanh((double) (sign * x * 0.02f));
        float actual = tanh(ops, sign * x, 0.02f, 50)[BLOCK + 7];
        assertEquals(expected, actual, 4e-7 * Math.abs(expected), () -> "of " + sign * argument);
      }
    }
  }

  @Test
  void tanhOfWhatIsNoNumberOrNone() {
    for (SoftmaxOps ops : new SoftmaxOps[] {Simd.best().softmaxOps(), new ScalarSoftmaxOps()}) {
      assertEquals(0, tanh(ops, 0, 1, 50)[BLOCK]);
      assertEquals(50, tanh(ops, Float.POSITIVE_INFINITY, 1, 50)[BLOCK]);
      assertEquals(-50, tanh(ops, Float.NEGATIVE_INFINITY, 1, 50)[BLOCK]);
      assertEquals(Float.NaN, tanh(ops, Float.NaN, 1, 50)[BLOCK]);
    }
  }
}
