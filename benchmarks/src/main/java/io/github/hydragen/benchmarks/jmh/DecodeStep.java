package io.github.hydragen.benchmarks.jmh;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.HydragenDecoder;
import io.github.hydragen.benchmarks.Staging;
import io.github.hydragen.cli.check.SyntheticTokens;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * One decode step of the CPU engine: append, the pass over the prefix, that over the suffixes, and
 * the merge.
 *
 * <p>{@code -p suffix=0} times the pass over the prefix alone, {@code -p prefix=0} that over the
 * suffixes, {@code -p shared=false} the step with a copy of the prefix for every sequence. Several
 * values of {@code batch} or {@code suffix} show whether the work is linear in them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-XX:MaxDirectMemorySize=1024g"
    })
@NullUnmarked // JMH sets the fields.
public class DecodeStep {
  /** Sequences. */
  @Param("64")
  public int batch;

  /** Tokens of the shared prefix. */
  @Param("1024")
  public int prefix;

  /** Tokens of each suffix, the new one included. */
  @Param("256")
  public int suffix;

  /** Query heads. */
  @Param("32")
  public int queryHeads;

  /** Key/value heads. */
  @Param("32")
  public int kvHeads;

  /** Elements of a head. */
  @Param("128")
  public int headDim;

  /** How keys and values are stored. */
  @Param({"F32", "BF16", "F16"})
  public DataType type;

  /** Threads that compute; 0 for one a processor. */
  @Param("0")
  public int threads;

  /** Whether the prefix is stored once. */
  @Param("true")
  public boolean shared;

  private HydragenDecoder decoder;

  /** Stores the prefix and the suffixes. */
  @Setup(Level.Trial)
  public void open() {
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, headDim);
    DecodeCase c = new DecodeCase(batch, prefix, suffix, shape, type);
    try (SyntheticTokens tokens = new SyntheticTokens(1337, type, shape.queryRow())) {
      decoder = new HydragenDecoder(c, new Staging(tokens), threads, shared);
    }
  }

  /** The step. */
  @Benchmark
  public void step() {
    decoder.step();
  }

  /** Frees everything. */
  @TearDown(Level.Trial)
  public void close() {
    decoder.close();
  }
}
