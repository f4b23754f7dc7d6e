package io.github.hydragen.benchmarks;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What pages cost: a step of 32 sequences that read nothing but their suffixes, 32 query and 8
 * key/value heads of 128 elements, stored as BF16; {@code pageTokens} 0 is reserved storage.
 *
 * <pre>
 * mvn -q -pl benchmarks -am package -DskipTests
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*" org.openjdk.jmh.Main PagedSuffixes
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-Xmx1g"
    })
public class PagedSuffixes {
  private static final AttentionShape SHAPE = AttentionShape.of(32, 8, 128);
  private static final int SEQUENCES = 32;

  /** Tokens of a page. */
  @Param({"0", "16", "32", "64", "128", "256"})
  public int pageTokens;

  /** Tokens of each suffix. */
  @Param({"500", "2000"})
  public int tokens;

  private final Arena arena = Arena.ofShared();
  private final Tensor k = random(SHAPE.kvHeads());
  private final Tensor v = random(SHAPE.kvHeads());
  private final Tensor q = random(SHAPE.queryHeads());
  private final Tensor out = random(SHAPE.queryHeads());
  private AttentionEngine engine;
  private SequenceBatch batch;

  /** Set up by {@link #fill}. */
  @SuppressWarnings("NullAway.Init")
  public PagedSuffixes() {}

  private Tensor random(int heads) {
    Tensor tensor = Tensor.allocate(arena, DataType.F32, SEQUENCES, heads, SHAPE.headDim());
    SplittableRandom random = new SplittableRandom(heads);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, (float) random.nextDouble(-1, 1));
    }
    return tensor;
  }

  /** Opens the engine and fills the suffixes. */
  @Setup
  public void fill() {
    EngineOptions options =
        EngineOptions.defaults()
            .withBackend("cpu")
            .withStorage(DataType.BF16)
            .withPageTokens(pageTokens);
    engine = AttentionEngine.open(SHAPE, options);
    batch = engine.batch(SEQUENCES, tokens + 1);
    for (int t = 0; t < tokens; t++) {
      batch.append(k, v);
    }
  }

  /** Frees what was taken. */
  @TearDown
  public void close() {
    engine.close();
    arena.close();
  }

  /** One query of every sequence. */
  @Benchmark
  public Tensor attend() {
    batch.attend(q, out, null);
    return out;
  }

  /** One token more for every sequence, and away with it. */
  @Benchmark
  public int append() {
    batch.append(k, v);
    for (int s = 0; s < SEQUENCES; s++) {
      batch.truncate(s, tokens);
    }
    return batch.length(0);
  }
}
