package io.github.hydragen.cpu;

import io.github.hydragen.EngineOptions;
import java.util.Arrays;

/**
 * Attention of a few query rows to runs of keys, bound by memory: every key and value is read once
 * for all rows. One instance a worker; it holds the rows' running state between runs.
 *
 * <p>Per chunk of keys and row, with scores {@code s} in base 2: {@code m' = max(m, max s)}, {@code
 * p = 2^(s - m')}, {@code l' = 2^(m - m') l + sum p}, {@code o' = 2^(m - m') o + sum p v}.
 */
final class StreamKernel {
  /** Most rows. */
  static final int MAX_ROWS = 16;

  private static final int CHUNK = 256;

  /** Tokens whose values several groups of rows, or slices of them, find in the nearest cache. */
  private static final int PART = 32;

  private static final int BLOCK = KvLayout.BLOCK;

  private final KvLayout layout;
  private final ScoreOps scoreOps;
  private final ValueOps valueOps;
  private final ScoreOps exactScoreOps;
  private final ValueOps exactValueOps;
  private final SoftmaxOps softmax;
  private final ScoreCap cap;
  private final int headDim;
  private final int keyRow;
  private final float[] q;
  private final float[] scores = new float[MAX_ROWS * CHUNK];
  private final RowStates states;
  private int rows;

  StreamKernel(Simd simd, KvLayout layout, EngineOptions options) {
    this.layout = layout;
    this.scoreOps = simd.scoreOps(layout);
    this.valueOps = simd.valueOps(layout);
    this.exactScoreOps = new ScalarScores(layout, scoreOps.queryFactor());
    this.exactValueOps = new ScalarValues(layout, valueOps.weightFactor());
    this.softmax = simd.softmaxOps();
    this.cap = new ScoreCap(options.logitSoftCap());
    this.headDim = layout.shape.headDim();
    this.keyRow = layout.keyRow;
    this.q = new float[MAX_ROWS * keyRow];
    this.states = new RowStates(MAX_ROWS, layout.valueRow);
  }

  /** Bytes of its buffers. */
  long bytes() {
    return 4L * (q.length + scores.length) + states.bytes();
  }

  /** Starts with so many rows, whose queries {@link #query} then sets. */
  void begin(int rows) {
    this.rows = rows;
    states.clear(rows);
  }

  /** Sets a row's query, already multiplied by the scale (and by log2 e if there is no cap). */
  void query(int row, float[] query) {
    int first = groupStart(row);
    int width = groupWidth(first);
    int at = first * keyRow + row - first;
    for (int e = 0; e < headDim; e++) {
      q[at + e * width] = query[e] * scoreOps.queryFactor();
    }
  }

  /** Rows go in groups of four, then two, then one. */
  private int groupWidth(int first) {
    int left = rows - first;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  private int groupStart(int row) {
    int first = 0;
    while (first + groupWidth(first) <= row) {
      first += groupWidth(first);
    }
    return first;
  }

  /** Attends to a run, which may be empty. */
  void attend(KvRun run) {
    if (run.from >= run.to) {
      return;
    }
    for (int start = run.from / BLOCK * BLOCK; start < run.to; start += CHUNK) {
      chunk(run, start, Math.min(run.to, start + CHUNK));
    }
  }

  private void chunk(KvRun run, int start, int end) {
    int blocks = KvLayout.blocks(end - start);
    int low = Math.max(run.from - start, 0);
    int high = end - start;
    int firstBlock = start / BLOCK;
    long keys = run.keys + firstBlock * layout.keyBlockBytes;
    ScoreOps ops = run.special ? exactScoreOps : scoreOps;
    for (int r = 0; r < rows; r += groupWidth(r)) {
      ops.scores(groupWidth(r), q, r * keyRow, run.memory, keys, blocks, scores, r * CHUNK, CHUNK);
    }
    for (int r = 0; r < rows; r++) {
      softmax(r, low, high, blocks * BLOCK);
    }
    long values = run.values + firstBlock * layout.valueBlockBytes;
    for (int part = low / PART * PART; part < high; part += PART) {
      int from = Math.max(low, part);
      accumulate(run, values, from, Math.min(high, part + PART));
    }
  }

  /** Scores outside {@code low} to {@code high} belong to no key: they may be anything. */
  private void softmax(int r, int low, int high, int n) {
    int at = r * CHUNK;
    Arrays.fill(scores, at, at + low, Float.NEGATIVE_INFINITY);
    Arrays.fill(scores, at + high, at + n, Float.NEGATIVE_INFINITY);
    cap.apply(scores, at + low, high - low);
    float before = states.max[r];
    float max = Math.max(before, softmax.max(scores, at, n));
    float factor = Exp2.of(before - max);
    states.max[r] = max;
    states.sum[r] =
        states.sum[r] * factor + softmax.exp2Sum(scores, at, n, max, valueOps.weightFactor());
    softmax.scale(states.out, r * layout.valueRow, layout.valueRow, factor);
  }

  private void accumulate(KvRun run, long values, int from, int to) {
    int row = layout.valueRow;
    ValueOps ops = run.special ? exactValueOps : valueOps;
    for (int r = 0; r < rows; r += groupWidth(r)) {
      ops.accumulate(
          groupWidth(r),
          scores,
          r * CHUNK,
          CHUNK,
          run.memory,
          values,
          from,
          to,
          states.out,
          r * row);
    }
  }

  /** Copies a row's state after all runs. */
  void state(int row, RowOutput to) {
    System.arraycopy(states.out, row * layout.valueRow, to.out, 0, headDim);
    to.max = states.max[row];
    to.sum = states.sum[row];
  }
}
