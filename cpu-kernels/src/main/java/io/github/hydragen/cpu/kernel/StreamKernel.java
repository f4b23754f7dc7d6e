package io.github.hydragen.cpu.kernel;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.cpu.simd.Exp2;
import io.github.hydragen.cpu.simd.Half;
import io.github.hydragen.cpu.simd.RowSums;
import io.github.hydragen.cpu.simd.ScalarRowSums;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.simd.SoftmaxOps;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStrip;
import java.util.Arrays;

/**
 * Attention of a few query rows to runs of keys, bound by memory: every key and value is read once
 * for all rows. One instance a worker; it holds the rows' running state between runs.
 *
 * <p>Per chunk of keys and row, with scores {@code s} in base 2: {@code m' = max(m, max s)}, {@code
 * p = 2^(s - m')}, {@code l' = 2^(m - m') l + sum p}, {@code o' = 2^(m - m') o + sum p v}.
 */
public final class StreamKernel {
  /** Most rows: with more, a tile of {@link MatrixKernel} is full enough to take less time. */
  public static final int MAX_ROWS = 32;

  /** Keys and values of a head that are still in a cache when the next token reads them. */
  private static final long CACHED_BYTES = 2 << 20;

  /** Scores of a chunk: of 512 tokens for up to 16 rows, of 256 for more. */
  private static final int SCORES = 16 * 512;

  private static final int STRIP = KvLayout.STRIP;

  private final KvLayout layout;
  private final RowSums sums;
  private final RowSums exactSums;
  private final SoftmaxOps softmax;
  private final ScoreCap cap;
  private final float queryFactor;
  private final float scoreFactor;
  private final int headDim;
  private final int keyRow;
  private final KvStrip strip;
  private final float[] q;
  private final float[] scores = new float[SCORES];
  private final RowStates states;
  private int rows;
  private int chunk;

  StreamKernel(Simd simd, KvLayout layout, EngineOptions options) {
    this.layout = layout;
    this.sums = simd.rowSums(layout.type);
    this.exactSums = new ScalarRowSums(layout.type, sums.factor());
    this.softmax = simd.softmaxOps();
    this.cap = new ScoreCap(simd.softmaxOps(), options.logitSoftCap());
    this.queryFactor = Math.min(sums.factor(), Half.QUERY_FACTOR);
    this.scoreFactor = sums.factor() / queryFactor;
    this.headDim = layout.shape.headDim();
    this.keyRow = layout.keyRow;
    this.strip = new KvStrip(layout);
    this.q = new float[MAX_ROWS * keyRow];
    this.states = new RowStates(MAX_ROWS, layout.valueRow);
  }

  /**
   * Whether it serves a sequence's own pass, in which it takes token after token, however much each
   * of them reads.
   */
  public static boolean takesOwn(int tokens, int group) {
    return tokens * group <= (tokens == 1 ? MAX_ROWS : MAX_ROWS / 2);
  }

  /**
   * Whether it serves a sequence's own pass.
   *
   * @param bytes of the keys and values that each token reads at a head
   */
  public static boolean takesOwn(int tokens, int group, long bytes) {
    boolean cached = tokens > 1 && bytes <= CACHED_BYTES;
    return takesOwn(tokens, group) || (cached && tokens * group <= mostOwnRows(group));
  }

  /** The larger a group, the less there is to a token beside its reads (measured). */
  private static int mostOwnRows(int group) {
    if (group < 4) {
      return group == 1 ? MAX_ROWS / 2 : 3 * MAX_ROWS / 4;
    }
    return group < 8 ? 7 * MAX_ROWS / 4 : 2 * MAX_ROWS;
  }

  /** Bytes of its buffers. */
  long bytes() {
    return 4L * (q.length + scores.length) + states.bytes();
  }

  /** Starts with so many rows, whose queries {@link #query} then sets. */
  public void begin(int rows) {
    this.rows = rows;
    this.chunk = rows <= MAX_ROWS / 2 ? 2 * SCORES / MAX_ROWS : SCORES / MAX_ROWS;
    states.clear(rows);
  }

  /** Sets a row's query, already multiplied by the scale (and by log2 e if there is no cap). */
  public void query(int row, float[] query) {
    for (int e = 0; e < headDim; e++) {
      q[row * keyRow + e] = query[e] * queryFactor;
    }
  }

  /** Rows go in groups of four, then two, then one. */
  private int group(int first) {
    int left = rows - first;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  /** Attends to a run, which may be empty. */
  public void attend(KvRun run) {
    int from = run.from - run.start;
    int to = run.to - run.start;
    for (int at = from / STRIP * STRIP; at < to && from < to; at += chunk) {
      chunk(run, at, Math.max(from - at, 0), Math.min(to - at, chunk));
    }
  }

  /** Attends to tokens {@code low} to {@code high}, counted from {@code at}. */
  private void chunk(KvRun run, int at, int low, int high) {
    int n = KvLayout.roundUp(high);
    score(run, at, n);
    for (int r = 0; r < rows; r++) {
      softmax(r, low, high, n);
    }
    accumulate(run, at, low, high);
  }

  private void score(KvRun run, int at, int n) {
    RowSums ops = run.special ? exactSums : sums;
    for (int r = 0; r < rows; r++) {
      Arrays.fill(scores, r * chunk, r * chunk + n, 0);
    }
    for (int r = 0; r < rows; r += group(r)) {
      for (int t = 0; t < n; t += STRIP) {
        strip.keys(run, at + t, n - t);
        ops.add(group(r), q, r * keyRow, keyRow, strip, scores, r * chunk + t, chunk);
      }
    }
  }

  /** Scores outside {@code low} to {@code high} belong to no key: they may be anything. */
  private void softmax(int r, int low, int high, int n) {
    int at = r * chunk;
    if (scoreFactor != 1) {
      softmax.scale(scores, at, n, scoreFactor);
    }
    cap.apply(scores, at, n);
    Arrays.fill(scores, at, at + low, Float.NEGATIVE_INFINITY);
    Arrays.fill(scores, at + high, at + n, Float.NEGATIVE_INFINITY);
    float before = states.max[r];
    float max = Math.max(before, softmax.max(scores, at, n));
    float factor = Exp2.of(before - max);
    states.max[r] = max;
    states.sum[r] = states.sum[r] * factor + softmax.exp2Sum(scores, at, n, max, sums.factor());
    softmax.scale(states.out, r * layout.valueRow, layout.valueRow, factor);
  }

  private void accumulate(KvRun run, int at, int from, int to) {
    int row = layout.valueRow;
    RowSums ops = run.special ? exactSums : sums;
    for (int r = 0; r < rows; r += group(r)) {
      for (int e = 0; e < row; e += STRIP) {
        strip.values(run, e, at, from, to);
        ops.add(group(r), scores, r * chunk, chunk, strip, states.out, r * row + e, row);
      }
    }
  }

  /** Copies a row's state after all runs. */
  public void state(int row, RowOutput to) {
    System.arraycopy(states.out, row * layout.valueRow, to.out, 0, headDim);
    to.max = states.max[row];
    to.sum = states.sum[row];
  }
}
