package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.Backends;
import io.github.hydragen.benchmarks.sharing.Contenders.Ways;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * A step by the engine's choice, always shared, and always separate.
 *
 * <p>All ways have their turns in one invocation, in random order, in one engine and one memory:
 * whole trials after one another would differ more by the phases of the machine than by what is to
 * be measured. An iteration is one such round. What each way took is reported beside the score,
 * which is the time of the round and of no interest.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1, time = 1, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 11, time = 1, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-XX:MaxDirectMemorySize=1024g"
    })
@NullUnmarked // JMH sets the fields.
public class SharingPoint {
  /** Tokens of a suffix: few, as more of them hide what a wrong choice costs. */
  static final int SUFFIX = 16;

  private static final int[] WARM_UP_PREFIXES = {16, 64, 1024};
  private static final int[] WARM_UP_BATCHES = {1, 2, 4, 12, 24, 64};
  private static final long WARM_UP_TURN = 1_000_000;

  private static boolean warm;

  /** Query heads, key/value heads, head dimension and type. */
  @Param({"8:8:128:F32", "8:8:128:BF16", "32:8:128:BF16", "8:1:128:BF16"})
  public String layout;

  /** Tokens that all sequences share. */
  @Param({"0", "16", "32", "64", "128", "256", "512", "1024", "2048", "4096", "8192", "16384"})
  public int prefix;

  /** Sequences. */
  @Param({"1", "2", "4", "8", "16", "32", "64", "128", "256", "512"})
  public int batch;

  /** A turn of each way, in microseconds. */
  @Param("2000")
  public long turnMicros;

  private Contenders contenders;
  private Ways ways;
  private Turns turns;

  /** Microseconds of a step in each way. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Steps {
    /** By the engine's choice. */
    public double auto;

    /** One pass over the prefix for all. */
    public double shared;

    /** Each sequence reads the prefix in its own pass. */
    public double separate;

    /** The prefix in each sequence's own storage; 0 where not measured. */
    public double own;

    /** Whether the engine shares of itself: 1 or 0. */
    public double chosen;

    /** What the engine thinks that the shared pass takes. */
    public double estimatedShared;

    /** What it thinks that separate passes take. */
    public double estimatedSeparate;

    /** Called by JMH. */
    public Steps() {}
  }

  /** Called by JMH. */
  public SharingPoint() {}

  /** Calibrates the backend and compiles the kernels, if this JVM is new; then stores the keys. */
  @Setup(Level.Trial)
  public void open() {
    Layout heads = Layout.parse(layout);
    if (!warm) {
      Backends.calibrate(heads.options(), false);
      warmUp(heads);
      warm = true;
    }
    contenders = new Contenders(heads, prefix);
    ways = contenders.ways(batch, SUFFIX, prefix == 0 || batch == 1);
    turns = new Turns(ways.steps(), TimeUnit.MICROSECONDS.toNanos(turnMicros));
    turns.warmUp();
  }

  private static void warmUp(Layout heads) {
    for (int prefix : WARM_UP_PREFIXES) {
      try (Contenders contenders = new Contenders(heads, prefix)) {
        for (int batch : WARM_UP_BATCHES) {
          try (Ways ways = contenders.ways(batch, SUFFIX, true)) {
            new Turns(ways.steps(), WARM_UP_TURN).warmUp();
          }
        }
      }
    }
  }

  /** A turn of each way. */
  @Benchmark
  public void round(Steps steps) {
    double[] micros = turns.round();
    steps.auto = micros[0];
    steps.shared = micros[1];
    steps.separate = micros[2];
    steps.own = micros.length > 3 ? micros[3] : 0;
    for (AttentionPlan.Decision decision : ways.decisions()) {
      steps.chosen = decision.shared() ? 1 : 0;
      steps.estimatedShared = decision.sharedMicros();
      steps.estimatedSeparate = decision.separateMicros();
    }
  }

  /** Frees everything. */
  @TearDown(Level.Trial)
  public void close() {
    ways.close();
    contenders.close();
  }
}
