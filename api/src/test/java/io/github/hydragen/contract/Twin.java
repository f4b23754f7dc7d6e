package io.github.hydragen.contract;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A batch of the backend and one of the reference that go through the same steps with the same
 * random data; {@link #attend} compares them.
 */
final class Twin implements AutoCloseable {
  private final AttentionShape shape;
  private final Agreement agreement;
  private final String what;
  private final SplittableRandom random;
  private final Side mine;
  private final Side exact;
  private int step;

  /** One of the two. */
  private static final class Side {
    final AttentionEngine engine;
    final SequenceBatch batch;
    final List<Prefix> prefixes = new ArrayList<>();

    Side(AttentionShape shape, EngineOptions options, int sequences, int capacity) {
      engine = AttentionEngine.open(shape, options);
      batch = engine.batch(sequences, capacity);
    }
  }

  Twin(
      AttentionBackendContract contract,
      AttentionShape shape,
      EngineOptions options,
      int sequences,
      int capacity,
      long seed) {
    this.shape = shape;
    this.agreement = new Agreement(contract.tolerance());
    this.what = contract.backend() + ", seed " + seed;
    this.random = new SplittableRandom(seed);
    this.mine = new Side(shape, contract.with(options), sequences, capacity);
    this.exact = new Side(shape, options.withBackend("reference"), sequences, capacity);
  }

  SequenceBatch mine() {
    return mine.batch;
  }

  Prefix minePrefix(int number) {
    return mine.prefixes.get(number);
  }

  AttentionEngine engine() {
    return mine.engine;
  }

  private Tensor tokens(int count, int heads) {
    return ScenarioData.normal(
        random, Arena.ofAuto(), DataType.F32, 1, count, heads, shape.headDim());
  }

  /** A new prefix's number; parent -1 for none. */
  int prefix(int parent, int length) {
    Tensor k = tokens(length, shape.kvHeads());
    Tensor v = tokens(length, shape.kvHeads());
    for (Side side : List.of(mine, exact)) {
      side.prefixes.add(
          parent < 0
              ? side.engine.prefix(k, v)
              : side.engine.prefix(side.prefixes.get(parent), k, v));
    }
    return mine.prefixes.size() - 1;
  }

  /** Closes a prefix on both sides; its number stays taken. */
  void closePrefix(int prefix) {
    mine.prefixes.get(prefix).close();
    exact.prefixes.get(prefix).close();
  }

  void attach(int sequence, int prefix) {
    for (Side side : List.of(mine, exact)) {
      side.batch.attach(sequence, prefix < 0 ? null : side.prefixes.get(prefix));
    }
  }

  void clear(int sequence) {
    mine.batch.clear(sequence);
    exact.batch.clear(sequence);
  }

  void truncate(int sequence, int length) {
    mine.batch.truncate(sequence, length);
    exact.batch.truncate(sequence, length);
  }

  /** The number of the new prefix. */
  int promote(int sequence) {
    mine.prefixes.add(mine.batch.promote(sequence));
    exact.prefixes.add(exact.batch.promote(sequence));
    return mine.prefixes.size() - 1;
  }

  void append(int... counts) {
    int rows = Arrays.stream(counts).sum();
    Tensor k = tokens(rows, shape.kvHeads());
    Tensor v = tokens(rows, shape.kvHeads());
    mine.batch.append(k, v, counts);
    exact.batch.append(k, v, counts);
  }

  /** Appends to the backend only: for calls that fail. */
  void appendMine(int... counts) {
    int rows = Arrays.stream(counts).sum();
    mine.batch.append(tokens(rows, shape.kvHeads()), tokens(rows, shape.kvHeads()), counts);
  }

  /** Attends on both sides and compares. */
  void attend(int... counts) {
    int rows = Arrays.stream(counts).sum();
    Tensor q = tokens(rows, shape.queryHeads());
    Answer expected = Answer.unwritten(shape, rows, DataType.F32);
    Answer actual = Answer.unwritten(shape, rows, DataType.F32);
    mine.batch.attend(q, actual.out(), actual.lse(), counts);
    exact.batch.attend(q, expected.out(), expected.lse(), counts);
    agreement.check(
        what + ", call " + step++ + " with queries " + Arrays.toString(counts), expected, actual);
  }

  @Override
  public void close() {
    mine.engine.close();
    exact.engine.close();
  }
}
