package io.github.hydragen.examples;

import io.github.hydragen.AttentionEngine;
import java.util.Arrays;

/**
 * Samples many answers to one prompt with and without sharing, and says whether they are equal.
 *
 * <p>The weights are random, so the answers are token ids without a meaning.
 */
public final class SampleMany {
  private static final int NEW_TOKENS = 16;
  private static final float TEMPERATURE = 0.8f;
  private static final long SEED = 42;

  private final int samples;
  private final int[] prompt;

  /** One way to sample. */
  @FunctionalInterface
  private interface Way {
    int[][] sample(int[] prompt, int samples, int newTokens, float temperature, long seed);
  }

  private SampleMany(int samples, int promptLength, int vocabulary) {
    this.samples = samples;
    this.prompt = new int[promptLength];
    Arrays.setAll(prompt, i -> (i * 31 + 7) % vocabulary);
  }

  /**
   * Runs the example.
   *
   * @param args samples and prompt tokens, by default 32 and 512
   */
  public static void main(String[] args) {
    int samples = args.length > 0 ? Integer.parseInt(args[0]) : 32;
    int promptLength = args.length > 1 ? Integer.parseInt(args[1]) : 512;
    new SampleMany(samples, promptLength, ModelConfig.tiny().vocabulary()).run();
  }

  private void run() {
    ModelConfig config = ModelConfig.tiny();
    Transformer model = new Transformer(config, SEED);
    try (var engine = AttentionEngine.open(config.attention())) {
      System.out.printf(
          "%s: %d samples of %d tokens behind a prompt of %d tokens%n",
          engine.device().name(), samples, NEW_TOKENS, prompt.length);
      Generator generator = new Generator(model, engine);
      int[][] shared = timed("prompt stored once", generator::shared);
      int[][] separate = timed("a copy for each", generator::separate);
      System.out.println("sample 0: " + Arrays.toString(shared[0]));
      System.out.println("sample 1: " + Arrays.toString(shared[1]));
      System.out.println("equal token for token: " + Arrays.deepEquals(shared, separate));
    }
  }

  private int[][] timed(String name, Way way) {
    way.sample(prompt, samples, NEW_TOKENS, TEMPERATURE, SEED); // the first run warms the JVM up
    long start = System.nanoTime();
    int[][] sampled = way.sample(prompt, samples, NEW_TOKENS, TEMPERATURE, SEED);
    System.out.printf("%-20s%8.0f ms%n", name, (System.nanoTime() - start) / 1e6);
    return sampled;
  }
}
