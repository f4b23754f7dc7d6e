package io.github.hydragen.examples;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.Prefix;
import java.util.List;

/** Samples many answers to one prompt. */
public final class Generator {
  private final Transformer model;
  private final AttentionEngine engine;

  /**
   * With a model.
   *
   * @param engine of the model's head layout; holds the keys and values, stays the caller's
   */
  public Generator(Transformer model, AttentionEngine engine) {
    this.model = model;
    this.engine = engine;
  }

  /**
   * Samples with the prompt in memory once: it goes through the model as one sequence, which then
   * becomes the prefix of all samples.
   *
   * @param prompt token ids, 1 or more
   * @param temperature 0 for the most likely token every time
   * @return [samples][newTokens]
   */
  public int[][] shared(int[] prompt, int samples, int newTokens, float temperature, long seed) {
    List<Prefix> prefix;
    float[] logits;
    try (KvCache reading = cache(1, prompt.length)) {
      logits = model.forward(reading, prompt);
      prefix = reading.promote();
    }
    try (KvCache cache = cache(samples, newTokens)) {
      cache.attach(prefix);
      return decode(cache, repeated(logits, samples), newTokens, temperature, seed);
    } finally {
      prefix.forEach(Prefix::close);
    }
  }

  /** Samples with a copy of the prompt for each sample, as an engine does that shares nothing. */
  public int[][] separate(int[] prompt, int samples, int newTokens, float temperature, long seed) {
    int[] prompts = new int[samples * prompt.length];
    for (int s = 0; s < samples; s++) {
      System.arraycopy(prompt, 0, prompts, s * prompt.length, prompt.length);
    }
    try (KvCache cache = cache(samples, prompt.length + newTokens)) {
      float[] logits = model.forward(cache, prompts);
      return decode(cache, logits, newTokens, temperature, seed);
    }
  }

  private KvCache cache(int sequences, int capacity) {
    return new KvCache(engine, model.config().layers(), sequences, capacity);
  }

  private int[][] decode(
      KvCache cache, float[] firstLogits, int newTokens, float temperature, long seed) {
    Sampler sampler = new Sampler(cache.sequences(), temperature, seed);
    int[][] samples = new int[cache.sequences()][newTokens];
    float[] logits = firstLogits;
    for (int i = 0; i < newTokens; i++) {
      int[] tokens = sampler.draw(logits);
      for (int s = 0; s < tokens.length; s++) {
        samples[s][i] = tokens[s];
      }
      logits = model.forward(cache, tokens);
    }
    return samples;
  }

  private static float[] repeated(float[] row, int times) {
    float[] rows = new float[row.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(row, 0, rows, i * row.length, row.length);
    }
    return rows;
  }
}
