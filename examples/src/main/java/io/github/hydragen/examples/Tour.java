package io.github.hydragen.examples;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.prefix.PrefixTree;
import io.github.hydragen.prefix.SharedPrefixes;
import java.lang.foreign.Arena;
import java.util.Random;

/** The tutorial's steps: a tree of prefixes, ragged sequences, several new tokens, a fork. */
public final class Tour {
  private static final AttentionShape SHAPE = AttentionShape.of(8, 2, 64);
  private static final EngineOptions OPTIONS =
      EngineOptions.defaults().withStorage(DataType.BF16).withLogitSoftCap(30);

  private final Random random = new Random(0);
  private final Arena arena;
  private final AttentionEngine engine;

  private Tour(Arena arena, AttentionEngine engine) {
    this.arena = arena;
    this.engine = engine;
  }

  /** Runs the tour; takes no arguments. */
  public static void main(String[] args) {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, OPTIONS);
        Arena arena = Arena.ofShared()) {
      Tour tour = new Tour(arena, engine);
      System.out.println("tokens before the sequences' own: " + tour.tree());
      System.out.println("suffix lengths: " + tour.ragged());
      System.out.println("tokens below the fork: " + tour.fork());
      System.out.println("tokens saved by sharing: " + detect());
      System.out.println("KV bytes: " + engine.memory().kvBytes());
    }
  }

  /** Random keys, values or queries; a model's come from its projections. */
  private Tensor tokens(int count, int heads) {
    Tensor tensor = Tensor.allocate(arena, DataType.F32, count, heads, SHAPE.headDim());
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.nextFloat() - 0.5f);
    }
    return tensor;
  }

  /** Two tasks behind one system prompt. */
  String tree() {
    Prefix system = engine.prefix(tokens(200, 2), tokens(200, 2));
    Prefix translate = engine.prefix(system, tokens(40, 2), tokens(40, 2));
    Prefix summarise = engine.prefix(system, tokens(90, 2), tokens(90, 2));
    try (SequenceBatch batch = engine.batch(3, 64)) {
      batch.attach(0, translate);
      batch.attach(1, translate);
      batch.attach(2, summarise);
    }
    return translate.totalLength() + " and " + summarise.totalLength();
  }

  /** Sequences of different lengths in one call. */
  String ragged() {
    try (SequenceBatch batch = engine.batch(3, 64)) {
      int[] questions = {12, 0, 7}; // new tokens of each sequence
      batch.append(tokens(19, 2), tokens(19, 2), questions);
      Tensor out = tokens(19, 8);
      batch.attend(tokens(19, 8), out, null, questions); // causal among the new tokens

      int[] guesses = {4, 0, 4}; // speculative decoding: four tokens at once
      batch.append(tokens(8, 2), tokens(8, 2), guesses);
      batch.attend(tokens(8, 8), tokens(8, 8), null, guesses);
      batch.truncate(0, 12 + 1); // only the first guess was right
      batch.clear(2); // this sequence leaves, its slot is free
      return batch.length(0) + ", " + batch.length(1) + ", " + batch.length(2);
    }
  }

  /** Finds what sequences share from their token ids. */
  static long detect() {
    PrefixTree tree = new PrefixTree();
    tree.add(0, new int[] {5, 6, 7, 8, 1});
    tree.add(1, new int[] {5, 6, 7, 8, 2, 3});
    tree.add(2, new int[] {9, 9});
    tree.remove(2);
    SharedPrefixes shared = tree.shared(3); // prefixes of three tokens or more
    for (SharedPrefixes.Node node : shared.nodes()) {
      System.out.println("a prefix: tokens " + node.from() + " to " + node.to());
    }
    return shared.savedTokens(); // the four tokens of sequence 1 need not be held again
  }

  /** Goes on from one sequence in several ways. */
  int fork() {
    Prefix fork;
    try (SequenceBatch reading = engine.batch(1, 50)) {
      reading.append(tokens(50, 2), tokens(50, 2), new int[] {50});
      fork = reading.promote(0); // its suffix is now a prefix: nothing is computed again
    }
    try (SequenceBatch beams = engine.batch(16, 20)) {
      beams.attachAll(fork);
      beams.append(tokens(16, 2), tokens(16, 2));
      beams.attend(tokens(16, 8), tokens(16, 8), null);
    }
    return fork.totalLength();
  }
}
