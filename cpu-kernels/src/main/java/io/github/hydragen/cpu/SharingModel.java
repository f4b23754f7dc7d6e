package io.github.hydragen.cpu;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;

/**
 * Decides whether one pass over a prefix serves all of its sequences, by estimated times.
 *
 * <p>With {@code t} tokens of the prefix, {@code s} sequences, {@code r} query rows a key/value
 * head, {@code h} key/value heads and {@code w} workers:
 *
 * <pre>
 * shared   = (h t pass(r) + r h MERGE) / w + BARRIER
 * separate = s n h (RUN + t stream(g)) / w        n new tokens a sequence, g rows of a group
 * pass(r)  = stream(r) for few rows, else tiles of 64 rows at TILE each, and one widening
 * stream(r) = the larger of its arithmetic and of its bytes over what a cache level delivers
 * </pre>
 *
 * <p>The constants are nanoseconds of one worker at head dimension 128, fitted to a grid of batch 1
 * to 512 and prefix 16 to 16,384 on an Intel Xeon with AVX-512. Only their ratios matter.
 */
final class SharingModel {
  private static final double MERGE = 1000;
  private static final double BARRIER = 5000;
  private static final double RUN = 300;
  private static final double TILE = 205;
  private static final double WIDENING = 10;
  private static final double STREAM_ROWS = 6;
  private static final double STREAM_LEAST = 12;

  /** Bytes a nanosecond that a worker gets of data that fit the shared cache, or do not. */
  private static final double CACHE_RATE = 20;

  private static final double MEMORY_RATE = 9;
  private static final long CACHE_BYTES = 32L << 20;
  private static final int TILE_ROWS = 64;
  private static final double FITTED_HEAD_DIM = 128;

  private final Sharing sharing;
  private final KvLayout layout;
  private final int workers;
  private final double size;

  SharingModel(EngineOptions options, KvLayout layout, int workers) {
    this.sharing = options.sharing();
    this.layout = layout;
    this.workers = workers;
    this.size = layout.shape.headDim() / FITTED_HEAD_DIM;
  }

  /** Fills in a pass's estimates and the decision. */
  void decide(SharedPass pass) {
    pass.sharedMicros = shared(pass) / 1000;
    pass.separateMicros = separate(pass) / 1000;
    pass.shared =
        switch (sharing) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO -> pass.sharedMicros < pass.separateMicros;
        };
  }

  private double shared(SharedPass pass) {
    int rows = pass.count * layout.shape.groupSize();
    int tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    double heads = layout.shape.kvHeads();
    double perToken =
        rows <= StreamKernel.MAX_ROWS
            ? stream(rows, pass.prefix.tokens)
            : size * (TILE * tiles + WIDENING);
    double merge = rows * size * MERGE;
    return heads * (pass.prefix.tokens * perToken + merge) / workers + BARRIER;
  }

  private double separate(SharedPass pass) {
    int group = layout.shape.groupSize();
    double runs = (double) pass.count * layout.shape.kvHeads();
    return runs * (RUN + pass.prefix.tokens * stream(group, pass.prefix.tokens)) / workers;
  }

  /** Time of one token of one key/value head for so many rows. */
  private double stream(int rows, int tokens) {
    double arithmetic = size * Math.max(STREAM_LEAST, STREAM_ROWS * rows);
    double bytes = 2.0 * layout.shape.headDim() * layout.type.bytes();
    boolean cached = bytes * tokens * layout.shape.kvHeads() <= CACHE_BYTES;
    return Math.max(arithmetic, bytes / (cached ? CACHE_RATE : MEMORY_RATE));
  }
}
