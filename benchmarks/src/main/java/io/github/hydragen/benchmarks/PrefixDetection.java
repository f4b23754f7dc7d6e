package io.github.hydragen.benchmarks;

import io.github.hydragen.prefix.PrefixTree;
import io.github.hydragen.prefix.SharedPrefixes;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Times prefix detection: 10,000 sequences of 4,096 tokens that share as those of a server do.
 *
 * <p>5 system prompts of 1,024 tokens; below each 10 sets of examples of 1,024; below each of these
 * 20 documents of 1,024; the rest, a question of 1,024 tokens, is each sequence's own. Arguments:
 * sequences, repetitions (10000 10 by default).
 */
public final class PrefixDetection {
  private static final int PART = 1024;
  private static final int VOCABULARY = 128_000;
  private static final int MIN_TOKENS = 64;

  private PrefixDetection() {}

  /** Prints medians over the repetitions in milliseconds. */
  public static void main(String[] args) {
    int sequences = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int repetitions = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    int[][] tokens = tokens(sequences);
    double[] build = new double[repetitions];
    double[] plan = new double[repetitions];
    double[] replace = new double[repetitions];
    SharedPrefixes shared = null;
    for (int r = 0; r < repetitions; r++) {
      long start = System.nanoTime();
      PrefixTree tree = new PrefixTree();
      for (int s = 0; s < sequences; s++) {
        tree.add(s, tokens[s]);
      }
      long built = System.nanoTime();
      shared = tree.shared(MIN_TOKENS);
      long planned = System.nanoTime();
      for (int s = 0; s < sequences; s += 10) {
        tree.remove(s);
        tree.add(s, tokens[(s + 1) % sequences]);
      }
      long replaced = System.nanoTime();
      build[r] = (built - start) / 1e6;
      plan[r] = (planned - built) / 1e6;
      replace[r] = (replaced - planned) / 1e6;
    }
    print("add all", build);
    print("find what is shared", plan);
    print("replace a tenth", replace);
    if (shared != null) {
      System.out.printf(
          Locale.ROOT,
          "%d sequences of %d tokens: %d prefixes, %.1f%% of the tokens saved%n",
          sequences,
          4 * PART,
          shared.nodes().size(),
          100.0 * shared.savedTokens() / ((long) sequences * 4 * PART));
    }
  }

  private static int[][] tokens(int sequences) {
    SplittableRandom random = new SplittableRandom(1);
    int[][] systems = parts(random, 5);
    int[][] examples = parts(random, 5 * 10);
    int[][] documents = parts(random, 5 * 10 * 20);
    int[][] tokens = new int[sequences][4 * PART];
    for (int[] own : tokens) {
      int document = random.nextInt(documents.length);
      System.arraycopy(systems[document / 200], 0, own, 0, PART);
      System.arraycopy(examples[document / 20], 0, own, PART, PART);
      System.arraycopy(documents[document], 0, own, 2 * PART, PART);
      System.arraycopy(parts(random, 1)[0], 0, own, 3 * PART, PART);
    }
    return tokens;
  }

  private static int[][] parts(SplittableRandom random, int count) {
    int[][] parts = new int[count][];
    Arrays.setAll(parts, i -> random.ints(PART, 0, VOCABULARY).toArray());
    return parts;
  }

  private static void print(String what, double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    System.out.printf(
        Locale.ROOT,
        "%-20s median %8.1f ms, least %8.1f, most %8.1f (the first run included)%n",
        what,
        sorted[sorted.length / 2],
        sorted[0],
        sorted[sorted.length - 1]);
  }
}
