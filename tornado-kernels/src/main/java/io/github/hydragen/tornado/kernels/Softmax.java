package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** The scalar steps of a softmax computed in parts; inlined into the kernels. */
final class Softmax {
  private Softmax() {}

  /** The score of a dot product: {@code scale * dot}, bounded by {@code cap} if that is not 0. */
  static float score(float dot, float scale, float cap) {
    float score = dot * scale;
    return cap > 0.0f ? cap * TornadoMath.tanh(score / cap) : score;
  }

  /** The score of a key at a position, or -inf outside the visible ones. */
  static float masked(float score, int position, int firstVisible, int lastVisible) {
    return position >= firstVisible && position <= lastVisible ? score : Float.NEGATIVE_INFINITY;
  }

  /** What to subtract from scores whose maximum is {@code max}: never infinite, so never NaN. */
  static float base(float max) {
    return max == Float.NEGATIVE_INFINITY ? 0.0f : max;
  }

  /** {@code 1 / sum}, or 0 where nothing was seen. */
  static float inverse(float sum) {
    return sum > 0.0f ? 1.0f / sum : 0.0f;
  }

  /**
   * The log-sum-exp of scores with this maximum whose exponentials, less it, add up to {@code sum}.
   */
  static float lse(float max, float sum) {
    return sum > 0.0f ? max + TornadoMath.log(sum) : Float.NEGATIVE_INFINITY;
  }

  /** Below all scores but {@link #HIDDEN}: a maximum of no scores. */
  static final float LOWEST = -1e30f;

  /** The score of a key that is not seen, where -inf costs a division: TornadoVM writes -1 / 0. */
  static final float HIDDEN = -3e38f;

  /** The score of a key at a position, or {@link #HIDDEN} outside the visible ones. */
  static float visible(float score, int position, int firstVisible, int lastVisible) {
    return position >= firstVisible && position <= lastVisible ? score : HIDDEN;
  }
}
