package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;

/** The scalar steps of a softmax computed in parts; inlined into the kernels. */
final class Softmax {
  private Softmax() {}

  /** The score of a dot product: {@code scale * dot}, bounded by {@code cap} if that is not 0. */
  static float score(float dot, float scale, float cap) {
    float score = dot * scale;
    return cap > 0.0f ? cap * tanh(score / cap) : score;
  }

  /**
   * The hyperbolic tangent to a few units in the last place. TornadoVM's own is {@code tanh.approx}
   * on PTX devices, with a relative error of 2^-11, of which a score gets its share whatever the
   * cap. Near 0, where {@code 1 - e^-2x} cancels, it is the Taylor series up to the power of 11.
   */
  static float tanh(float x) {
    float z = x * x;
    float series = -1382.0f / 155925.0f;
    series = series * z + 62.0f / 2835.0f;
    series = series * z - 17.0f / 315.0f;
    series = series * z + 2.0f / 15.0f;
    series = series * z - 1.0f / 3.0f;
    float small = x + x * z * series;
    float magnitude = x < 0.0f ? -x : x;
    float e = TornadoMath.exp(-2.0f * magnitude);
    float large = (1.0f - e) / (1.0f + e);
    large = x < 0.0f ? -large : large;
    return magnitude < 0.35f ? small : large;
  }

  /**
   * The score of a key that is not seen: below all others, and no -inf, which TornadoVM writes as
   * -1 / 0 and NVRTC divides.
   */
  static final float HIDDEN = -Float.MAX_VALUE;

  /** The score of a key at a position, or {@link #HIDDEN} outside the visible ones. */
  static float visible(float score, int position, int firstVisible, int lastVisible) {
    return position >= firstVisible && position <= lastVisible ? score : HIDDEN;
  }

  /**
   * What to subtract from scores whose maximum is {@code max}, so that hidden ones weigh 0 even if
   * all are.
   */
  static float base(float max) {
    return max == HIDDEN ? 0.0f : max;
  }

  /** {@code 1 / sum}, or 0 where nothing was seen. */
  static float inverse(float sum) {
    return sum > 0.0f ? 1.0f / sum : 0.0f;
  }

  /**
   * The log-sum-exp of scores with this maximum whose exponentials, less it, add up to {@code sum}:
   * -inf where nothing was seen, as that is the logarithm of 0. Written out it would be a division.
   */
  static float lse(float max, float sum) {
    return max + TornadoMath.log(sum);
  }

  /**
   * A maximum of no scores for kernels that do without {@link #base}: below all but {@link #HIDDEN}
   * ones.
   */
  static final float LOWEST = -1e30f;

  /** The largest score of a warp, all of whose threads call. CUDA only. */
  static float largest(KernelContext context, float score) {
    float best = TornadoMath.max(score, context.simdShuffleDown(score, 16));
    best = TornadoMath.max(best, context.simdShuffleDown(best, 8));
    best = TornadoMath.max(best, context.simdShuffleDown(best, 4));
    best = TornadoMath.max(best, context.simdShuffleDown(best, 2));
    best = TornadoMath.max(best, context.simdShuffleDown(best, 1));
    return context.simdBroadcastFirst(best);
  }
}
