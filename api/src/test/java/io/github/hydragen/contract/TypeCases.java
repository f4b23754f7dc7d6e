package io.github.hydragen.contract;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Types of storage, inputs and outputs, and kinds of memory that callers may own. */
abstract class TypeCases {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 24);

  private final AttentionBackendContract contract;

  TypeCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  static Stream<Scenario> types() {
    List<Scenario> cases = new ArrayList<>();
    for (DataType storage : DataType.values()) {
      for (DataType input : DataType.values()) {
        for (DataType output : DataType.values()) {
          for (int kvHeads : new int[] {1, 4}) {
            String name =
                "stored %s, in %s, out %s, kv heads %d".formatted(storage, input, output, kvHeads);
            cases.add(
                Scenario.shared(name, AttentionShape.of(4, kvHeads, 72), 67, 5, 0, 33)
                    .options(EngineOptions.defaults().withStorage(storage))
                    .types(input, output));
          }
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("types")
  void storageInputAndOutput(Scenario scenario) {
    contract.check(scenario);
  }

  static Stream<Scenario> reducedLayouts() {
    List<Scenario> cases = new ArrayList<>();
    for (DataType storage : new DataType[] {DataType.F16, DataType.BF16}) {
      for (int headDim : new int[] {1, 3, 8, 13, 40, 80, 96, 128, 192, 256}) {
        for (int group : new int[] {1, 3, 4, 5, 7}) {
          AttentionShape shape = AttentionShape.of(2 * group, 2, headDim);
          cases.add(
              Scenario.shared(storage + ", " + shape, shape, 141, 1, 40, 7)
                  .options(EngineOptions.defaults().withStorage(storage)));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("reducedLayouts")
  void headLayoutInReducedPrecision(Scenario scenario) {
    contract.check(scenario);
  }

  /** Odd heads of odd numbers of tokens: what a backend computes in groups is filled by none. */
  static Stream<Scenario> oddBatches() {
    List<Scenario> cases = new ArrayList<>();
    int[][] layouts = {{1, 1, 64}, {3, 3, 64}, {5, 1, 40}, {15, 3, 64}, {3, 1, 128}};
    for (DataType type : DataType.values()) {
      for (int[] layout : layouts) {
        AttentionShape shape = AttentionShape.of(layout[0], layout[1], layout[2]);
        cases.add(
            Scenario.shared(type + ", " + shape, shape, 9, IntStream.range(1, 20).toArray())
                .options(EngineOptions.defaults().withStorage(type))
                .types(type, DataType.F32));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("oddBatches")
  void oddHeadsOfOddBatches(Scenario scenario) {
    contract.check(scenario);
  }

  /** Small values, in F16 subnormal ones, must not be flushed to zero or misread. */
  @ParameterizedTest
  @EnumSource(DataType.class)
  void smallKeysAndValues(DataType storage) {
    EngineOptions options = EngineOptions.defaults().withStorage(storage).withScale(1);
    contract.assume(SHAPE);
    contract.assume(new Scenario("", SHAPE).options(options).features());
    float tiny = storage == DataType.F16 ? 0x1p-20f : 0x1p-30f;
    float[] k = normal(SHAPE.kvRow() * 40, tiny);
    float[] v = normal(SHAPE.kvRow() * 40, tiny);
    float[] q = normal(SHAPE.queryRow(), 256);
    Answer exact = attend(options.withBackend("reference"), k, v, q);
    Answer actual = attend(contract.with(options), k, v, q);
    scale(exact.out(), 1 / tiny);
    scale(actual.out(), 1 / tiny);
    new Agreement(contract.tolerance()).check("keys and values near " + tiny, exact, actual);
  }

  private static float[] normal(int count, float factor) {
    SplittableRandom random = new SplittableRandom(11);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = factor * (float) random.nextGaussian();
    }
    return values;
  }

  private static void scale(Tensor tensor, float factor) {
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, tensor.get(i) * factor);
    }
  }

  private static Answer attend(EngineOptions options, float[] k, float[] v, float[] q) {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(1, 1);
      batch.attach(0, engine.prefix(k, v));
      float[] out = new float[q.length];
      float[] lse = new float[SHAPE.queryHeads()];
      batch.attend(q, out, lse);
      return new Answer(
          Tensor.of(out, 1, SHAPE.queryHeads(), SHAPE.headDim()),
          Tensor.of(lse, 1, SHAPE.queryHeads()));
    }
  }

  /** Memory that a caller may hold a tensor in. */
  enum Kind {
    CONFINED,
    SHARED,
    AUTOMATIC,
    HEAP,
    UNALIGNED,
    UNALIGNED_HEAP
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void memory(Kind kind) {
    contract.assume(SHAPE);
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      for (DataType type : DataType.values()) {
        memory(kind + " " + type, type, bytes -> allocate(kind, confined, shared, bytes));
      }
    }
  }

  private static MemorySegment allocate(Kind kind, Arena confined, Arena shared, long bytes) {
    return switch (kind) {
      case CONFINED -> confined.allocate(bytes, 8);
      case SHARED -> shared.allocate(bytes, 64);
      case AUTOMATIC -> Arena.ofAuto().allocate(bytes);
      case HEAP -> MemorySegment.ofArray(new byte[(int) bytes]);
      case UNALIGNED -> shared.allocate(bytes + 1, 64).asSlice(1);
      case UNALIGNED_HEAP -> MemorySegment.ofArray(new byte[(int) bytes + 3]).asSlice(3);
    };
  }

  private void memory(String what, DataType type, LongFunction<MemorySegment> allocator) {
    SplittableRandom random = new SplittableRandom(5);
    long[] kv = {19, SHAPE.kvHeads(), SHAPE.headDim()};
    long[] rows = {3, SHAPE.queryHeads(), SHAPE.headDim()};
    Tensor k = random(random, allocator, type, kv);
    Tensor v = random(random, allocator, type, kv);
    Tensor newK = random(random, allocator, type, 3, SHAPE.kvHeads(), SHAPE.headDim());
    Tensor newV = random(random, allocator, type, 3, SHAPE.kvHeads(), SHAPE.headDim());
    Tensor q = random(random, allocator, type, rows);
    Tensor out = random(random, allocator, type, rows);
    Tensor lse = random(random, allocator, DataType.F32, 3, SHAPE.queryHeads());
    Answer exact = Answer.unwritten(SHAPE, 3, DataType.F32);
    EngineOptions options = EngineOptions.defaults();
    step(options.withBackend("reference"), k, v, newK, newV, q, exact);
    Answer actual = new Answer(out, lse);
    step(contract.with(options), k, v, newK, newV, q, actual);
    new Agreement(contract.tolerance()).check(what, exact, actual);
  }

  private static Tensor random(
      SplittableRandom random, LongFunction<MemorySegment> allocator, DataType type, long... dims) {
    Tensor tensor = ScenarioData.normal(random, Arena.ofAuto(), type, 1, dims);
    MemorySegment segment = allocator.apply(tensor.segment().byteSize());
    segment.copyFrom(tensor.segment());
    return Tensor.of(segment, type, dims);
  }

  private static void step(
      EngineOptions options, Tensor k, Tensor v, Tensor newK, Tensor newV, Tensor q, Answer into) {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(3, 2);
      batch.attachAll(engine.prefix(k, v));
      batch.append(newK, newV);
      batch.attend(q, into.out(), into.lse());
    }
  }

  @Test
  void lseMayBeNull() {
    contract.assume(SHAPE);
    SplittableRandom random = new SplittableRandom(6);
    Tensor kv =
        ScenarioData.normal(
            random, Arena.ofAuto(), DataType.F32, 1, 1, SHAPE.kvHeads(), SHAPE.headDim());
    Tensor q =
        ScenarioData.normal(
            random, Arena.ofAuto(), DataType.F32, 1, 1, SHAPE.queryHeads(), SHAPE.headDim());
    EngineOptions options = contract.with(EngineOptions.defaults());
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(1, 1);
      batch.append(kv, kv);
      Answer with = Answer.unwritten(SHAPE, 1, DataType.F32);
      Answer without = Answer.unwritten(SHAPE, 1, DataType.F32);
      batch.attend(q, with.out(), with.lse());
      batch.attend(q, without.out(), null);
      new Agreement(0).check("without lse", with, new Answer(without.out(), with.lse()));
    }
  }
}
