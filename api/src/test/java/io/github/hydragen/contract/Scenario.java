package io.github.hydragen.contract;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * One attention call, without its data: head layout, options, a tree of prefixes, and sequences.
 *
 * <p>Built by chained calls; what is not set is one new token a sequence, F32, factor 1.
 */
final class Scenario {
  final String name;
  final AttentionShape shape;
  EngineOptions options = EngineOptions.defaults();

  /** Parent of each prefix, -1 for none; a parent comes before its children. */
  int[] parents = {};

  /** Tokens of each prefix. */
  int[] prefixLengths = {};

  /** Prefix of each sequence, -1 for none. */
  int[] attached = {};

  /** Suffix tokens of each sequence, the new ones included. */
  int[] suffixes = {};

  /** Queries of each sequence. */
  int[] newTokens = {};

  /** Capacity beyond the longest suffix. */
  int spare = 3;

  DataType input = DataType.F32;
  DataType output = DataType.F32;

  /** Multiplies the queries, which are otherwise normal with variance 1 like keys and values. */
  float queryFactor = 1;

  long seed = 1;

  Scenario(String name, AttentionShape shape) {
    this.name = name;
    this.shape = shape;
  }

  /**
   * One prefix that all sequences share.
   *
   * @param suffixes suffix tokens of each sequence
   */
  static Scenario shared(String name, AttentionShape shape, int prefix, int... suffixes) {
    return levels(name, shape, new int[][] {{prefix}, suffixes});
  }

  /**
   * Levels of prefixes in the paper's notation.
   *
   * @param levels for each level the lengths of its groups, the root's first; the last are the
   *     suffixes. Members are dealt to groups in equal runs.
   */
  static Scenario levels(String name, AttentionShape shape, int[][] levels) {
    int prefixes = 0;
    for (int level = 0; level < levels.length - 1; level++) {
      prefixes += levels[level].length;
    }
    Scenario scenario = new Scenario(name, shape);
    int[] parents = new int[prefixes];
    int[] lengths = new int[prefixes];
    int first = 0;
    int firstAbove = -1;
    int groupsAbove = 1;
    for (int level = 0; level < levels.length - 1; level++) {
      int groups = levels[level].length;
      for (int g = 0; g < groups; g++) {
        parents[first + g] = level == 0 ? -1 : firstAbove + g * groupsAbove / groups;
        lengths[first + g] = levels[level][g];
      }
      firstAbove = first;
      groupsAbove = groups;
      first += groups;
    }
    int[] suffixes = levels[levels.length - 1];
    int[] attached = new int[suffixes.length];
    for (int s = 0; s < attached.length; s++) {
      attached[s] = prefixes == 0 ? -1 : firstAbove + s * groupsAbove / suffixes.length;
    }
    return scenario.tree(parents, lengths).sequences(attached, suffixes);
  }

  Scenario tree(int[] parentOfEach, int[] lengthOfEach) {
    parents = parentOfEach;
    prefixLengths = lengthOfEach;
    return this;
  }

  Scenario sequences(int[] prefixOfEach, int[] suffixOfEach) {
    attached = prefixOfEach;
    suffixes = suffixOfEach;
    return newTokens(1);
  }

  /** As many queries for every sequence. */
  Scenario newTokens(int count) {
    newTokens = new int[suffixes.length];
    Arrays.fill(newTokens, count);
    return this;
  }

  Scenario newTokens(int... counts) {
    newTokens = counts;
    return this;
  }

  Scenario options(EngineOptions value) {
    options = value;
    return this;
  }

  Scenario types(DataType inputs, DataType outputs) {
    input = inputs;
    output = outputs;
    return this;
  }

  Scenario queryFactor(float factor) {
    queryFactor = factor;
    return this;
  }

  Scenario spare(int tokens) {
    spare = tokens;
    return this;
  }

  Scenario seed(long value) {
    seed = value;
    return this;
  }

  int batch() {
    return suffixes.length;
  }

  int capacity() {
    return Arrays.stream(suffixes).max().orElse(0) + spare;
  }

  int rows() {
    return Arrays.stream(newTokens).sum();
  }

  /** Tokens of a suffix that are there before the new ones. */
  int history(int sequence) {
    return Math.max(0, suffixes[sequence] - newTokens[sequence]);
  }

  /** Multiply-adds of one sequence's attention. */
  long work(int sequence) {
    long keys = suffixes[sequence];
    for (int p = attached[sequence]; p >= 0; p = parents[p]) {
      keys += prefixLengths[p];
    }
    return 2 * keys * newTokens[sequence] * shape.queryRow();
  }

  long work() {
    long work = 0;
    for (int s = 0; s < batch(); s++) {
      work += work(s);
    }
    return work;
  }

  /** Elements of all keys. */
  long storedElements() {
    long tokens = Arrays.stream(prefixLengths).sum() + (long) batch() * capacity();
    return tokens * shape.kvRow();
  }

  Set<Feature> features() {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    add(features, Feature.F16_STORAGE, options.storage() == DataType.F16);
    add(features, Feature.BF16_STORAGE, options.storage() == DataType.BF16);
    add(features, Feature.LEVELS, Arrays.stream(parents).anyMatch(p -> p >= 0));
    add(features, Feature.SEVERAL_TOKENS, Arrays.stream(newTokens).anyMatch(n -> n != 1));
    add(features, Feature.NON_CAUSAL, !options.causal());
    add(features, Feature.WINDOW, options.window() >= 0);
    add(features, Feature.SOFT_CAP, options.logitSoftCap() != 0);
    return features;
  }

  private static void add(Set<Feature> features, Feature feature, boolean needed) {
    if (needed) {
      features.add(feature);
    }
  }

  /** For messages and test names. */
  @Override
  public String toString() {
    return name;
  }
}
