package io.github.hydragen.examples;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import java.util.Random;

/** The shortest use of the library: the README's example. */
public final class Embedding {
  private static final Random RANDOM = new Random(0);

  private Embedding() {}

  /** Runs the example; takes no arguments. */
  public static void main(String[] args) {
    float[] out = decode();
    System.out.println("outputs of the last step: " + out.length + ", the first " + out[0]);
  }

  /** Stands for a model's projections. */
  private static float[] random(int elements) {
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = RANDOM.nextFloat() - 0.5f;
    }
    return values;
  }

  static float[] decode() {
    RANDOM.setSeed(0);
    AttentionShape shape = AttentionShape.of(8, 2, 64); // query heads, key/value heads, head dim
    float[] out = new float[32 * 8 * 64];
    try (AttentionEngine engine = AttentionEngine.open(shape)) {
      Prefix prompt = engine.prefix(random(500 * 2 * 64), random(500 * 2 * 64)); // keys, values
      SequenceBatch batch = engine.batch(32, 100); // sequences, most new tokens of each
      batch.attachAll(prompt); // 500 tokens, in memory once
      for (int step = 0; step < 10; step++) {
        batch.append(random(32 * 2 * 64), random(32 * 2 * 64)); // one new token of each sequence
        batch.attend(random(32 * 8 * 64), out, null); // its queries in, its outputs out
      }
    }
    return out;
  }
}
