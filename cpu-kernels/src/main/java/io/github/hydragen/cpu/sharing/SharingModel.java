package io.github.hydragen.cpu.sharing;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.cpu.kernel.MatrixKernel;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.store.KvLayout;

/**
 * Decides whether one pass over a prefix serves all of its sequences, by estimated times.
 *
 * <p>With {@code t} tokens of the prefix, {@code s} sequences of {@code n} new tokens, {@code h}
 * key/value heads of {@code g} query heads, {@code r = s n g} rows, {@code k} splits, {@code i}
 * shared items, and the rates of {@link SharingRates}:
 *
 * <pre>
 * shared   = added(h (t pass(r) + t bytes miss + k r (row + merge)) + 4 i row)
 * separate = s h (t own(n) + t bytes miss + n run) / busy(s h)
 * pass(r)  = stream(r) if the rows are few, else matrix(r)
 * own(n)   = n stream(g) if the rows are few, else matrix(n g)
 * busy(i)  = workers that i items keep busy on average
 * added(x) = x dealt out as items beside the own passes
 * </pre>
 *
 * <p>If the last strip of keys is narrow, each state takes as much longer as a run does. Where
 * anything is shared and suffixes do not stay in caches, own passes too leave states to merge, and
 * all workers wait once more for each other. This is paid once for all prefixes, which bear it in
 * proportion to their gains. With many rows, a gain of less than 3% is none.
 *
 * <p>{@code miss} counts in full for what caches do not hold: by the size of the prefix, and if it
 * had better not be shared, by that of all such prefixes of a path.
 */
public final class SharingModel {
  /** Data up to this size stay in caches from one sequence to the next. */
  private static final double CACHED_BYTES = 4 << 20;

  /** Data from this size on come from memory every time. */
  private static final double MISSED_BYTES = 32 << 20;

  private static final double ROUNDING = 1e-9;

  /**
   * What a shared pass of {@link MatrixKernel} must gain of the separate passes' time. Nearer to
   * each other, its estimate knows no better, and ties were lost by sharing; see {@code
   * docs/adr/0007-sharing.md}.
   */
  private static final double LEAST_GAIN = 0.03;

  /**
   * Rows whose way in and out takes as long as a shared item besides them: what workers tell each
   * other. Of whole steps, not of parts timed alone; see {@code docs/sharing.md}.
   */
  private static final double ITEM_ROWS = 4;

  /** The same for a tile of {@link MatrixKernel}. */
  private static final double TILE_ROWS = 16;

  private final EngineOptions options;
  private final KvLayout layout;
  private final int workers;
  private final int matrixRows;
  private final int tileWidth;
  private final SharingRates rates;
  private final double size;

  /**
   * A model.
   *
   * @param matrixRows most rows of {@link MatrixKernel}
   * @param tileWidth rows of its widest tile
   */
  public SharingModel(
      EngineOptions options,
      KvLayout layout,
      int workers,
      int matrixRows,
      int tileWidth,
      SharingRates rates) {
    this.options = options;
    this.layout = layout;
    this.workers = workers;
    this.matrixRows = matrixRows;
    this.tileWidth = tileWidth;
    this.rates = rates;
    this.size = (double) layout.shape.headDim() / SharingRates.HEAD_DIM;
  }

  /** Fills in the estimates and the decisions of a plan's passes, which have been cut. */
  void decide(StepPlan plan) {
    for (SharedPass pass : plan.passes) {
      pass.readTogether = pass.length;
      estimate(pass, plan);
    }
    findReadTogether(plan.passes);
    double gains = 0;
    int rows = 0;
    for (SharedPass pass : plan.passes) {
      if (gain(pass) <= 0 && pass.readTogether > pass.length) {
        estimate(pass, plan);
      }
      if (gain(pass) > 0) {
        gains += gain(pass);
        rows += pass.count;
      }
    }
    boolean free = plan.cached || plan.ownSplits > 1;
    Sharing sharing = SharingTrial.of(options.sharing());
    for (SharedPass pass : plan.passes) {
      double part = gain(pass) > 0 ? gain(pass) / gains : 1;
      int merged = Math.min(plan.tokens, gain(pass) > 0 ? rows : pass.count);
      pass.sharedMicros += free ? 0 : part * merging(merged) / 1000;
      pass.shared =
          switch (sharing) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO -> gain(pass) > 0;
          };
    }
  }

  private void estimate(SharedPass pass, StepPlan plan) {
    pass.sharedMicros = shared(pass, plan) / 1000;
    pass.separateMicros = separate(pass, plan) / 1000;
  }

  /**
   * Adds up what own passes would read between two sequences of a prefix: all prefixes of a path
   * that are better not shared if each is looked at alone. Short prefixes behind one another are
   * together as long as a long one, and no cache holds them.
   */
  private void findReadTogether(SharedPass[] passes) {
    for (SharedPass pass : passes) {
      long before = pass.above == null ? 0 : pass.above.readTogether;
      pass.readTogether = before + (gain(pass) > 0 ? 0 : pass.length);
    }
    for (int i = passes.length - 1; i >= 0; i--) {
      SharedPass above = passes[i].above;
      if (above != null) {
        above.readTogether = Math.max(above.readTogether, passes[i].readTogether);
      }
    }
  }

  /** Whether so many tokens of all heads stay in the workers' caches from step to step. */
  public boolean staysCached(long tokens) {
    return 2.0 * tokens * layout.shape.kvRow() * layout.type.bytes() <= CACHED_BYTES;
  }

  /** Tokens of a suffix that its last tokens, so many, see together. */
  int reached(int length, int news) {
    return options.window() < 0
        ? length
        : (int) Math.min(length, (long) options.window() + Math.max(1, news));
  }

  private double gain(SharedPass pass) {
    double least = streams(pass) ? 0 : LEAST_GAIN;
    return (1 - least) * pass.separateMicros - pass.sharedMicros;
  }

  /** Whether a shared pass is {@link StreamKernel}'s. */
  private boolean streams(SharedPass pass) {
    int rows = pass.count * layout.shape.groupSize();
    return rows <= StreamKernel.MAX_ROWS && options.window() < 0;
  }

  /** What is paid once: own passes' states of so many tokens, and the second phase. */
  private double merging(int tokens) {
    int rows = tokens * layout.shape.queryHeads();
    return size * rows * rates.merge() / busy(tokens * layout.shape.kvHeads()) + rates.barrier();
  }

  private double shared(SharedPass pass, StepPlan plan) {
    int rows = pass.count * layout.shape.groupSize();
    int heads = layout.shape.kvHeads();
    double tokens = pass.length;
    double kernels = tokens * perToken(rows, options.window() >= 0, true);
    int tiles = streams(pass) ? 0 : (rows + tileWidth - 1) / tileWidth;
    double states = pass.splits * (rows * state(pass) + tiles * TILE_ROWS * rates.row());
    double nanos = heads * (size * (kernels + states) + tokens * missed(pass, rows));
    int items = heads * pass.chunks * pass.splits;
    return added(own(plan), plan.cached, nanos / items + ITEM_ROWS * rates.row(), items);
  }

  /** What a state takes: its row's way through the kernel and into the result. */
  private double state(SharedPass pass) {
    int runs = 0;
    for (int i = 0; i < pass.prefixes.length; i++) {
      int last = pass.prefixes[i].tokens % KvLayout.STRIP;
      boolean narrow = last > 0 && last < KvLayout.STRIP / 2;
      runs += narrow || (i > 0 && streams(pass)) ? 1 : 0;
    }
    return rates.row() + rates.merge() + runs * rates.run();
  }

  /** The passes over suffixes alone, on one worker. */
  private double own(StepPlan plan) {
    int group = layout.shape.groupSize();
    double rows = (double) plan.tokens * layout.shape.queryHeads();
    double suffixes = (double) plan.ownTokens * layout.shape.kvHeads() * rates.stream(group);
    return size * (rows * rates.row() + suffixes);
  }

  /**
   * What shared items add to the time of own passes, which are many and small. Half of the workers
   * begin with either, or all with shared items; in the end, those without an item wait.
   */
  private double added(double own, boolean cached, double item, int items) {
    int late = cached ? 0 : workers / 2;
    int early = workers - late;
    double start = late == 0 ? 0 : own / late;
    double end = Double.MAX_VALUE;
    for (int k = 1; k <= (items + early - 1) / early; k++) {
      double one = k * item;
      double other = start + one;
      if (early * k + late * done(one - start, item) >= items) {
        end = Math.min(end, one);
      }
      if (late * k + early * done(other, item) >= items) {
        end = Math.min(end, other);
      }
    }
    return Math.max(end, (own + items * item) / workers) - own / workers;
  }

  private static int done(double nanos, double item) {
    return (int) Math.max(0, nanos / item + ROUNDING);
  }

  private double separate(SharedPass pass, StepPlan plan) {
    int group = layout.shape.groupSize();
    int heads = layout.shape.kvHeads();
    int news = (pass.count + pass.sequences - 1) / pass.sequences;
    boolean few = StreamKernel.takesOwn(news, group, layout.trackBytes(pass.length));
    double kernels = few ? news * rates.stream(group) : perToken(news * group, true, false);
    double token = size * kernels + (few ? news : 1) * missed(pass, group);
    double runs = (double) pass.sequences * heads;
    double run = few ? size * news * pass.prefixes.length * rates.run() : 0;
    return runs * (visible(pass, plan) * token + run) / busy(pass.sequences * heads);
  }

  /** Nanoseconds of a token for so many rows, which go in chunks of at most {@code matrixRows}. */
  private double perToken(int rows, boolean bounded, boolean streams) {
    int chunks = rows / matrixRows;
    int rest = rows % matrixRows;
    double last = 0;
    if (rest > 0) {
      boolean few = streams && !bounded && rest <= StreamKernel.MAX_ROWS;
      last = few ? rates.stream(rest) : rates.matrix(rest, tileWidth);
    }
    return chunks * rates.matrix(matrixRows, tileWidth)
        + last
        + (bounded ? rows * rates.mask() : 0);
  }

  /** Nanoseconds that a token's data of one head take longer to come than from a cache. */
  private double missed(SharedPass pass, int rows) {
    double token = 2.0 * layout.shape.headDim() * layout.type.bytes();
    double bytes = token * pass.readTogether * layout.shape.kvHeads();
    return token * rates.miss(rows) * missedPart(bytes);
  }

  /** Between the bounds, caches that are shared, also with strangers, serve a part: a guess. */
  private static double missedPart(double bytes) {
    double part = Math.log(bytes / CACHED_BYTES) / Math.log(MISSED_BYTES / CACHED_BYTES);
    double clamped = Math.clamp(part, 0.0, 1.0);
    return clamped * clamped * clamped;
  }

  /** Tokens of the prefix that a query sees, on average. */
  private double visible(SharedPass pass, StepPlan plan) {
    if (options.window() < 0) {
      return pass.length;
    }
    double sum = 0;
    for (int i = 0; i < pass.count; i++) {
      long from = plan.positionOf[pass.tokens[i]] - options.window() - pass.start();
      sum += pass.length - Math.clamp(from, 0, pass.length);
    }
    return sum / pass.count;
  }

  private double busy(int items) {
    int rounds = (items + workers - 1) / workers;
    return (double) items / rounds;
  }
}
