package io.github.hydragen.cpu.kernel;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.cpu.simd.Decoder;
import io.github.hydragen.cpu.simd.MatrixOps;
import io.github.hydragen.cpu.simd.ScalarDecoder;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStrip;
import java.util.Arrays;

/**
 * Attention of many query rows to runs of keys, bound by arithmetic: two matrix products and an
 * online softmax per tile of keys, as in {@link StreamKernel}'s formula, with queries across the
 * lanes.
 *
 * <p>A tile of keys is widened once and serves all tiles of queries from the nearest caches. One
 * instance a worker; it holds the rows' running state between runs.
 */
public final class MatrixKernel {
  /** Keys of a tile: with them, the queries, scores and values in use fit the nearest cache. */
  private static final int TILE = KvLayout.TILE;

  private static final int QUERY_TILES = 4;
  private static final int BLOCK = KvLayout.BLOCK;
  private static final int STRIP = KvLayout.STRIP;
  private static final int VALUE_BLOCK = KvLayout.VALUE_BLOCK;

  /**
   * Stands for "no key seen yet" where a column has none: finite, so that differences are numbers.
   */
  private static final float NOTHING = -1e30f;

  private final KvLayout layout;
  private final Decoder decoder;
  private final Decoder exactDecoder;
  private final MatrixOps ops;
  private final ScoreCap cap;
  private final int headDim;
  private final int tileWidth;
  private final KvStrip strip;
  private float[] q;
  private final float[] scores;
  private final float[] factor;
  private final float[] keys;
  private final float[] values;
  private RowStates states;
  private int[] visibleFrom;
  private int[] visibleTo;
  private int rows;
  private boolean bounded;

  MatrixKernel(Simd simd, KvLayout layout, EngineOptions options) {
    this.layout = layout;
    this.decoder = simd.decoder(layout.type);
    this.exactDecoder = new ScalarDecoder(layout.type);
    this.ops = simd.matrixOps();
    this.cap = new ScoreCap(simd.softmaxOps(), options.logitSoftCap());
    this.headDim = layout.shape.headDim();
    this.tileWidth = ops.maxWidth();
    this.strip = new KvStrip(layout);
    this.scores = new float[TILE * tileWidth];
    this.factor = new float[tileWidth];
    this.keys = new float[TILE * layout.keyRow];
    this.values = new float[TILE * layout.valueRow];
    this.q = new float[0];
    this.states = new RowStates(0, layout.valueRow);
    this.visibleFrom = new int[0];
    this.visibleTo = new int[0];
  }

  /** Most rows. */
  public int maxRows() {
    return QUERY_TILES * tileWidth;
  }

  /** Bytes of its buffers. */
  long bytes() {
    return 4L * (q.length + scores.length + factor.length + keys.length + values.length)
        + 8L * visibleFrom.length
        + states.bytes();
  }

  /** Makes room for so many rows: what a user's steps need may be far less than the most. */
  public void reserve(int rows) {
    int room = KvLayout.roundUp(rows, tileWidth);
    if (room > states.max.length) {
      q = new float[room * headDim];
      states = new RowStates(room, layout.valueRow);
      visibleFrom = new int[room];
      visibleTo = new int[room];
    }
  }

  /** Starts with so many rows, whose queries {@link #query} then sets. */
  public void begin(int rows) {
    reserve(rows);
    this.rows = rows;
    this.bounded = false;
    states.clear(KvLayout.roundUp(rows, tileWidth));
    Arrays.fill(q, 0, KvLayout.roundUp(rows, tileWidth) * headDim, 0);
  }

  private int width(int firstRow) {
    return ops.width(rows - firstRow);
  }

  /** Sets a row's query, already multiplied by the scale (and by log2 e if there is no cap). */
  public void query(int row, float[] query) {
    int first = row / tileWidth * tileWidth;
    int width = width(first);
    int at = first * headDim + row - first;
    for (int e = 0; e < headDim; e++) {
      q[at + e * width] = query[e];
    }
  }

  /** Limits the tokens of the next runs that a row sees; if used, it must be used for every row. */
  public void bound(int row, int from, int to) {
    bounded = true;
    visibleFrom[row] = from;
    visibleTo[row] = to;
  }

  /** Attends to a run, which may be empty. */
  public void attend(KvRun run) {
    int from = run.from - run.start;
    int to = run.to - run.start;
    for (int at = from / STRIP * STRIP; at < to && from < to; at += TILE) {
      tile(run, at, Math.max(from - at, 0), Math.min(to - at, TILE));
    }
  }

  /** Attends to tokens {@code low} to {@code high}, counted from {@code at}. */
  private void tile(KvRun run, int at, int low, int high) {
    int tokens = KvLayout.roundUp(high);
    decode(run, at, tokens);
    clearValues(0, low);
    clearValues(high, tokens);
    for (int first = 0; first < rows; first += tileWidth) {
      queryTile(first, run.start + at, low, high, tokens);
    }
  }

  private void decode(KvRun run, int at, int tokens) {
    Decoder source = run.special ? exactDecoder : decoder;
    long bytes = layout.keyBytes(tokens);
    decoder.fetch(run.memory, run.keys + layout.keyBytes(at), bytes);
    for (int e = 0; e < layout.valueRow; e += STRIP) {
      long values = run.values + layout.valueOffset(run.tokens, at, e);
      decoder.fetch(run.memory, values, bytes * layout.valueColumns(e) / layout.keyRow);
    }
    for (int t = 0; t < tokens; t += STRIP) {
      strip.keys(run, at + t, tokens - t);
      source.decode(strip, keys, t * layout.keyRow, BLOCK, BLOCK * layout.keyRow);
    }
    for (int e = 0; e < layout.valueRow; e += STRIP) {
      strip.values(run, e, at, 0, tokens);
      source.decode(strip, values, e / BLOCK * VALUE_BLOCK, BLOCK, VALUE_BLOCK);
    }
  }

  /** What lies outside the run may be NaN, and 0 times NaN is NaN. */
  private void clearValues(int from, int to) {
    for (int at = 0; at < values.length && from < to; at += VALUE_BLOCK) {
      Arrays.fill(values, at + from * BLOCK, at + to * BLOCK, 0);
    }
  }

  private void queryTile(int first, int start, int low, int high, int tokens) {
    int width = width(first);
    boolean all = !bounded || seesAll(first, width, start + low, start + high);
    if (!all && !seesSome(first, width, start + low, start + high)) {
      return;
    }
    ops.scores(width, q, first * headDim, keys, layout.keyRow, headDim, tokens, scores);
    Arrays.fill(scores, 0, low * width, Float.NEGATIVE_INFINITY);
    Arrays.fill(scores, high * width, tokens * width, Float.NEGATIVE_INFINITY);
    cap.apply(scores, low * width, (high - low) * width);
    if (!all) {
      mask(first, width, start, tokens);
    }
    ops.softmax(width, tokens, scores, states.max, states.sum, first, factor);
    if (!all && !ops.finite(values)) {
      accumulateSeen(first, width, start, tokens);
      return;
    }
    ops.accumulate(
        width,
        scores,
        tokens,
        values,
        layout.valueRow,
        factor,
        states.out,
        first * layout.valueRow);
  }

  /**
   * Adds up the outputs from what each row sees alone: a weight of 0 times a value that is not
   * finite is NaN.
   */
  private void accumulateSeen(int first, int width, int start, int tokens) {
    for (int x = 0; x < Math.min(width, rows - first); x++) {
      int from = Math.max(0, visibleFrom[first + x] - start);
      int to = Math.min(tokens, visibleTo[first + x] - start);
      for (int e = 0; e < layout.valueRow; e++) {
        int value = e / BLOCK * VALUE_BLOCK + e % BLOCK;
        int out = first * layout.valueRow + e * width + x;
        float sum = states.out[out] * factor[x];
        for (int t = from; t < to; t++) {
          sum += scores[t * width + x] * values[value + t * BLOCK];
        }
        states.out[out] = sum;
      }
    }
  }

  /** Whether all rows of a tile of queries see all tokens from one to another. */
  private boolean seesAll(int first, int width, int from, int to) {
    boolean all = true;
    for (int row = first; row < Math.min(first + width, rows); row++) {
      all &= visibleFrom[row] <= from && visibleTo[row] >= to;
    }
    return all;
  }

  /** Whether any of its rows sees any of them. */
  private boolean seesSome(int first, int width, int from, int to) {
    boolean some = false;
    for (int row = first; row < Math.min(first + width, rows); row++) {
      some |= Math.max(visibleFrom[row], from) < Math.min(visibleTo[row], to);
    }
    return some;
  }

  private void mask(int first, int width, int start, int tokens) {
    for (int x = 0; x < Math.min(width, rows - first); x++) {
      int from = visibleFrom[first + x] - start;
      int to = visibleTo[first + x] - start;
      boolean empty = true;
      for (int t = 0; t < tokens; t++) {
        if (t < from || t >= to) {
          scores[t * width + x] = Float.NEGATIVE_INFINITY;
        }
        empty &= scores[t * width + x] == Float.NEGATIVE_INFINITY;
      }
      if (empty && states.max[first + x] == Float.NEGATIVE_INFINITY) {
        states.max[first + x] = NOTHING;
      }
    }
  }

  /** Copies a row's state after all runs. */
  public void state(int row, RowOutput to) {
    // The largest weight is 1, so only a row without keys has none; what saw NaN has NaN.
    if (states.sum[row] == 0) {
      to.clear();
      return;
    }
    int first = row / tileWidth * tileWidth;
    int width = width(first);
    int from = first * layout.valueRow + row - first;
    for (int e = 0; e < headDim; e++) {
      to.out[e] = states.out[from + e * width];
    }
    to.max = states.max[row];
    to.sum = states.sum[row];
  }
}
