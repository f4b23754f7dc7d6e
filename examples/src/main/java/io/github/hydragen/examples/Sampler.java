package io.github.hydragen.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws tokens from logits, each sequence with random numbers of its own. */
final class Sampler {
  private final float temperature;
  private final List<Random> randoms = new ArrayList<>();

  /**
   * For a batch.
   *
   * @param temperature 0 for the most likely token, 1 for the model's own distribution
   */
  Sampler(int sequences, float temperature, long seed) {
    this.temperature = temperature;
    for (int s = 0; s < sequences; s++) {
      randoms.add(new Random(seed + s));
    }
  }

  /**
   * Draws one token for each sequence.
   *
   * @param logits [sequences, vocabulary]
   */
  int[] draw(float[] logits) {
    int vocabulary = logits.length / randoms.size();
    int[] tokens = new int[randoms.size()];
    for (int s = 0; s < tokens.length; s++) {
      int from = s * vocabulary;
      int best = best(logits, from, vocabulary);
      tokens[s] = temperature == 0 ? best : draw(logits, from, vocabulary, best, randoms.get(s));
    }
    return tokens;
  }

  private static int best(float[] logits, int from, int vocabulary) {
    int best = 0;
    for (int i = 1; i < vocabulary; i++) {
      best = logits[from + i] > logits[from + best] ? i : best;
    }
    return best;
  }

  private int draw(float[] logits, int from, int vocabulary, int best, Random random) {
    double[] cumulative = new double[vocabulary];
    double total = 0;
    for (int i = 0; i < vocabulary; i++) {
      total += Math.exp((logits[from + i] - logits[from + best]) / temperature);
      cumulative[i] = total;
    }
    double point = random.nextDouble() * total;
    int token = 0;
    while (cumulative[token] <= point) {
      token++;
    }
    return token;
  }
}
