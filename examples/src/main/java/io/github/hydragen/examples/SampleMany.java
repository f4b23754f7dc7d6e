package io.github.hydragen.examples;

import io.github.hydragen.AttentionEngine;
import java.util.Arrays;

/**
 * Samples many answers to one prompt with and without sharing, and says whether they are equal.
 *
 * <p>The weights are random, so the answers are token ids without a meaning.
 */
public final class SampleMany {
  private static final int PROMPT = 512;
  private static final int SAMPLES = 32;
  private static final int NEW_TOKENS = 16;
  private static final float TEMPERATURE = 0.8f;
  private static final long SEED = 42;

  /** One way to sample. */
  @FunctionalInterface
  private interface Way {
    int[][] sample(int[] prompt, int samples, int newTokens, float temperature, long seed);
  }

  private SampleMany() {}

  /** Runs the example; takes no arguments. */
  public static void main(String[] args) {
    ModelConfig config = ModelConfig.tiny();
    Transformer model = new Transformer(config, SEED);
    int[] prompt = new int[PROMPT];
    Arrays.setAll(prompt, i -> (i * 31 + 7) % config.vocabulary());
    try (var engine = AttentionEngine.open(config.attention())) {
      System.out.printf(
          "%s: %d samples of %d tokens behind a prompt of %d tokens%n",
          engine.device().name(), SAMPLES, NEW_TOKENS, PROMPT);
      Generator generator = new Generator(model, engine);
      int[][] shared = timed("prompt stored once", generator::shared, prompt);
      int[][] separate = timed("a copy for each", generator::separate, prompt);
      System.out.println("sample 0: " + Arrays.toString(shared[0]));
      System.out.println("sample 1: " + Arrays.toString(shared[1]));
      System.out.println("equal token for token: " + Arrays.deepEquals(shared, separate));
    }
  }

  private static int[][] timed(String name, Way way, int[] prompt) {
    long start = System.nanoTime();
    int[][] samples = way.sample(prompt, SAMPLES, NEW_TOKENS, TEMPERATURE, SEED);
    System.out.printf("%-20s%8.0f ms%n", name, (System.nanoTime() - start) / 1e6);
    return samples;
  }
}
