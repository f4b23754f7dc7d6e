package io.github.hydragen.cli.verify;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.cli.verify.Layout.PrefixNode;
import io.github.hydragen.cli.verify.Layout.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * Makes cases beyond the grid out of numbers: any head layout, trees of prefixes, ragged batches of
 * up to hundreds of sequences, prompts, decode steps and options. Sizes are spread over orders of
 * magnitude, so that most cases are small and some are as large as real ones.
 */
final class RandomCase {
  private static final String NAME = "random-";
  private static final int MOST_HEADS = 64;
  private static final int MOST_PREFIXES = 7;
  private static final int LONGEST_PREFIX = 3000;
  private static final int LONGEST_SUFFIX = 600;
  private static final int MOST_SEQUENCES = 300;
  private static final int MOST_NEW_TOKENS = 60;
  private static final int MOST_STEPS = 4;

  /** Multiply-adds of all scores of a case at most, if nothing is hidden: about a second. */
  private static final long MOST_WORK = 400_000_000;

  /** Elements of all suffixes' keys at most, so that a case fits anywhere. */
  private static final long MOST_STORED = 30_000_000;

  private final SplittableRandom random;

  private RandomCase(long number) {
    random = new SplittableRandom(number);
  }

  /** The case with this number: always the same. */
  static VerifyCase of(long number) {
    return new RandomCase(number).make(NAME + number);
  }

  /** The number in a name such as {@code random-17}; empty if it is another name. */
  static OptionalLong number(String name) {
    if (!name.startsWith(NAME)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(name.substring(NAME.length())));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private VerifyCase make(String name) {
    AttentionShape shape = shape();
    DataType dtype = any(DataType.values());
    UnaryOperator<EngineOptions> options = options(shape.headDim());
    List<PrefixNode> prefixes = prefixes();
    int steps = random.nextInt(MOST_STEPS + 1);
    List<Sequence> sequences = sequences(prefixes.size());
    while (sequences.size() > 1
        && (work(shape, prefixes, sequences, steps) > MOST_WORK
            || stored(shape, sequences, steps) > MOST_STORED)) {
      sequences = sequences.subList(0, sequences.size() / 2);
    }
    return new VerifyCase(name, shape, dtype, new Layout(prefixes, sequences, steps, options));
  }

  private AttentionShape shape() {
    int kvHeads = spread(1, 16);
    int groupSize = random.nextInt(3) == 0 ? 1 : random.nextInt(1, 17);
    int headDim =
        switch (random.nextInt(4)) {
          case 0 -> 64;
          case 1 -> 128;
          default -> random.nextInt(1, 257);
        };
    return AttentionShape.of(Math.min(groupSize, MOST_HEADS / kvHeads) * kvHeads, kvHeads, headDim);
  }

  private UnaryOperator<EngineOptions> options(int headDim) {
    Sharing sharing = oneIn(2) ? Sharing.AUTO : any(Sharing.values());
    boolean causal = !oneIn(5);
    int window = spread(1, 2 * LONGEST_PREFIX);
    boolean hasWindow = oneIn(5);
    float cap = oneIn(5) ? random.nextInt(1, 50) : 0;
    float scale = (float) (random.nextDouble(-2, 2) / Math.sqrt(headDim));
    boolean hasScale = oneIn(5) && scale != 0;
    return base -> {
      EngineOptions options = base.withSharing(sharing).withCausal(causal).withLogitSoftCap(cap);
      options = hasWindow ? options.withWindow(window) : options;
      return hasScale ? options.withScale(scale) : options;
    };
  }

  private List<PrefixNode> prefixes() {
    List<PrefixNode> prefixes = new ArrayList<>();
    for (int count = random.nextInt(MOST_PREFIXES + 1); prefixes.size() < count; ) {
      int parent = random.nextInt(Layout.NONE, prefixes.size());
      int length = oneIn(12) ? 0 : spread(1, LONGEST_PREFIX);
      prefixes.add(new PrefixNode(parent, length));
    }
    return prefixes;
  }

  /** Lengths are alike in a third of the batches; so is what sequences have before them in half. */
  private List<Sequence> sequences(int prefixes) {
    int longest = spread(1, LONGEST_SUFFIX);
    boolean alike = oneIn(3);
    int common = oneIn(2) ? random.nextInt(Layout.NONE, prefixes) : prefixes;
    int mostNew = oneIn(2) ? 1 : spread(1, MOST_NEW_TOKENS);
    List<Sequence> sequences = new ArrayList<>();
    for (int count = spread(1, MOST_SEQUENCES); sequences.size() < count; ) {
      int prefix = common < prefixes ? common : random.nextInt(Layout.NONE, prefixes);
      int suffix = alike ? longest : random.nextInt(longest + 1);
      int newTokens = mostNew == 1 ? 1 : random.nextInt(mostNew + 1);
      sequences.add(new Sequence(prefix, suffix, Math.min(newTokens, suffix)));
    }
    return sequences;
  }

  private static long work(
      AttentionShape shape, List<PrefixNode> prefixes, List<Sequence> sequences, int steps) {
    long scores = 0;
    for (Sequence sequence : sequences) {
      long keys = sequence.suffix() + (long) steps;
      for (int p = sequence.prefix(); p != Layout.NONE; p = prefixes.get(p).parent()) {
        keys += prefixes.get(p).length();
      }
      scores += keys * (sequence.newTokens() + steps);
    }
    return scores * shape.queryHeads() * shape.headDim();
  }

  private static long stored(AttentionShape shape, List<Sequence> sequences, int steps) {
    int longest = sequences.stream().mapToInt(Sequence::suffix).max().orElse(0);
    return (longest + (long) steps) * sequences.size() * shape.kvRow();
  }

  /** From {@code least} to {@code most}, each power of two as likely as another. */
  private int spread(int least, int most) {
    double exponent = random.nextDouble() * Math.log((most + 1.0) / least);
    return Math.min(most, (int) (least * Math.exp(exponent)));
  }

  private <T> T any(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private boolean oneIn(int cases) {
    return random.nextInt(cases) == 0;
  }
}
