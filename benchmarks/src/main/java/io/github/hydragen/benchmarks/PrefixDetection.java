package io.github.hydragen.benchmarks;

import io.github.hydragen.prefix.PrefixTree;
import io.github.hydragen.prefix.SharedPrefixes;
import java.util.Arrays;
import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Prefix detection: 10,000 sequences of 4,096 tokens that share as those of a server do.
 *
 * <p>5 system prompts of 1,024 tokens; below each 10 sets of examples of 1,024; below each of these
 * 20 documents of 1,024; the rest, a question of 1,024 tokens, is each sequence's own.
 *
 * <pre>
 * mvn -q -pl benchmarks -am package -DskipTests
 * java -cp "benchmarks/target/*:benchmarks/target/lib/*" org.openjdk.jmh.Main PrefixDetection
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 20)
@Fork(value = 2, jvmArgsAppend = "-Xmx3g")
@NullUnmarked // JMH sets the fields.
public class PrefixDetection {
  private static final int PART = 1024;
  private static final int VOCABULARY = 128_000;
  private static final int MIN_TOKENS = 64;

  /** Sequences. */
  @Param("10000")
  public int sequences;

  private int[][] tokens;
  private PrefixTree tree;

  /** Called by JMH. */
  public PrefixDetection() {}

  /** Makes up the token ids. */
  @Setup(Level.Trial)
  public void makeTokens() {
    tokens = tokens(sequences);
  }

  /** The tree that is looked at or changed. */
  @Setup(Level.Iteration)
  public void build() {
    tree = addAll();
  }

  /** All sequences into an empty tree. */
  @Benchmark
  public PrefixTree addAll() {
    PrefixTree all = new PrefixTree();
    for (int s = 0; s < sequences; s++) {
      all.add(s, tokens[s]);
    }
    return all;
  }

  /** What is shared. */
  @Benchmark
  public SharedPrefixes findShared() {
    return tree.shared(MIN_TOKENS);
  }

  /** From the token ids to what is shared. */
  @Benchmark
  public SharedPrefixes addAllAndFindShared() {
    return addAll().shared(MIN_TOKENS);
  }

  /** Every tenth sequence goes and another comes. */
  @Benchmark
  public PrefixTree replaceTenth() {
    for (int s = 0; s < sequences; s += 10) {
      tree.remove(s);
      tree.add(s, tokens[(s + 1) % sequences]);
    }
    return tree;
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
}
