package io.github.hydragen.tornado;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.TestedDevice;
import java.util.SplittableRandom;

/** Random tokens of a few sequences, for steps that stay on the tested device. */
final class StepData {
  static final int SEQUENCES = 3;

  private final SplittableRandom random;

  StepData(long seed) {
    random = new SplittableRandom(seed);
  }

  static EngineOptions options() {
    return EngineOptions.defaults().withBackend(TestedDevice.backend());
  }

  /** One token of each sequence, between -1 and 1. */
  Tensor tokens(AttentionShape shape, int heads) {
    float[] values = new float[SEQUENCES * heads * shape.headDim()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.of(values, SEQUENCES, heads, shape.headDim());
  }

  /** Room for the outputs of a step. */
  static Tensor out(AttentionShape shape) {
    float[] values = new float[SEQUENCES * shape.queryRow()];
    return Tensor.of(values, SEQUENCES, shape.queryHeads(), shape.headDim());
  }

  /** A prefix of tokens whose keys are their values. */
  Prefix prefix(AttentionEngine engine, int tokens) {
    float[] kv = new float[tokens * engine.shape().kvRow()];
    for (int i = 0; i < kv.length; i++) {
      kv[i] = random.nextFloat() - 0.5f;
    }
    return engine.prefix(kv, kv);
  }
}
