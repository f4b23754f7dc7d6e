package io.github.hydragen.tornado.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar steps against double precision. */
class SoftmaxTest {
  /** Four units in the last place, from the smallest arguments to where the result is 1. */
  @Test
  void tangentHasNoLargeRelativeErrorAnywhere() {
    for (float x = 1e-30f; x < 20.0f; x *= 1.0009f) {
      double expected = Math.tanh(x);
      assertEquals(expected, Softmax.tanh(x), 2.4e-7 * expected, "of " + x);
      assertEquals(-expected, Softmax.tanh(-x), 2.4e-7 * expected, "of " + -x);
    }
  }

  @Test
  void tangentOfTheLimits() {
    assertEquals(0.0f, Softmax.tanh(0.0f));
    assertEquals(1.0f, Softmax.tanh(Float.MAX_VALUE));
    assertEquals(-1.0f, Softmax.tanh(-Float.MAX_VALUE));
    assertEquals(1.0f, Softmax.tanh(Float.POSITIVE_INFINITY));
    assertEquals(Float.NaN, Softmax.tanh(Float.NaN));
  }

  /** A cap far above the scores leaves them as they are. */
  @ParameterizedTest
  @ValueSource(floats = {5, 50, 1e4f, 1e8f})
  void cappedScores(float cap) {
    for (float score = -200.0f; score <= 200.0f; score += 0.37f) {
      double expected = cap * Math.tanh(score / (double) cap);
      assertEquals(expected, Softmax.score(score, 1.0f, cap), 4e-7 * Math.abs(expected));
    }
  }
}
