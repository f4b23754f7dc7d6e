package io.github.hydragen.cpu;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;

/**
 * A program that decodes at two suffix lengths until it is compiled, and then at others: what
 * {@link RecompilationTest} starts in a JVM of its own.
 */
final class StepsOfLengths {
  /** Printed when both lengths have been decoded often enough. */
  static final String WARM = "-- warm";

  private static final int PREFIX = 300;
  private static final int HEAD_DIM = 128;
  private static final int WARM_LENGTH = 64;
  private static final int WARM_STEPS = 1500;

  /** Of suffixes that caches do not hold, of which the workers have another order. */
  private static final int LONG_LENGTH = 384;

  private static final int LONG_STEPS = 400;
  private static final int STEPS = 8;
  private static final int[] LENGTHS = {
    63, 65, 1, 2, 17, 33, 50, 100, 511, 512, 513, 514, 700, 1025, 1501, 2047, 2048, 2049, 2080
  };

  private final SequenceBatch batch;
  private final Tensor kv;
  private final Tensor q;
  private final Tensor out;

  private StepsOfLengths(AttentionEngine engine, Arena arena, DataType type, int sequences) {
    AttentionShape shape = engine.shape();
    Tensor prefix = Tensor.allocate(arena, type, PREFIX, shape.kvHeads(), HEAD_DIM);
    this.batch = engine.batch(sequences, LENGTHS[LENGTHS.length - 1]);
    this.kv = Tensor.allocate(arena, type, sequences, shape.kvHeads(), HEAD_DIM);
    this.q = Tensor.allocate(arena, type, sequences, shape.queryHeads(), HEAD_DIM);
    this.out = Tensor.allocate(arena, DataType.F32, q.shape());
    batch.attachAll(engine.prefix(prefix, prefix));
  }

  /**
   * Runs.
   *
   * @param arguments storage type, query heads, key/value heads, sequences
   */
  public static void main(String[] arguments) {
    DataType type = DataType.valueOf(arguments[0]);
    int queryHeads = Integer.parseInt(arguments[1]);
    int kvHeads = Integer.parseInt(arguments[2]);
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, HEAD_DIM);
    EngineOptions options =
        EngineOptions.defaults().withBackend("cpu").withStorage(type).withThreads(1);
    try (AttentionEngine engine = AttentionEngine.open(shape, options);
        Arena arena = Arena.ofConfined()) {
      new StepsOfLengths(engine, arena, type, Integer.parseInt(arguments[3])).run();
    }
  }

  private void run() {
    steps(WARM_LENGTH, WARM_STEPS);
    steps(LONG_LENGTH, LONG_STEPS);
    System.out.println(WARM);
    for (int length : LENGTHS) {
      steps(length, STEPS);
    }
  }

  private void steps(int length, int count) {
    while (batch.length(0) < length) {
      batch.append(kv, kv);
    }
    for (int i = 0; i < count; i++) {
      for (int s = 0; s < batch.size(); s++) {
        batch.truncate(s, length - 1);
      }
      batch.append(kv, kv);
      batch.attend(q, out, null);
    }
  }
}
