package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BatchView;

/** Writes new tokens into a store, on all workers if there are many. */
final class WriteJob {
  /** Elements below which waking the workers costs more than it gains. */
  private static final long ALONE = 1 << 15;

  private static final int TOKENS_PER_ITEM = 16 * KvLayout.BLOCK;

  private final CpuBackend backend;
  private final KvStore store;
  private final KvWriter writer;
  private final Tensor k;
  private final Tensor v;
  private final int kvHeads;
  private final int headDim;

  WriteJob(CpuBackend backend, KvStore store, Tensor k, Tensor v) {
    this.backend = backend;
    this.store = store;
    this.writer = backend.writer;
    this.k = k;
    this.v = v;
    this.kvHeads = backend.layout.shape.kvHeads();
    this.headDim = backend.layout.shape.headDim();
  }

  /** Writes {@code counts[s]} tokens behind those of each sequence. */
  void append(BatchView view, int[] counts) {
    int sequences = view.sequences();
    long[] firstRow = new long[sequences];
    long rows = 0;
    for (int s = 0; s < sequences; s++) {
      firstRow[s] = rows;
      rows += counts[s];
    }
    run(
        sequences * kvHeads,
        item -> {
          int s = item / kvHeads;
          long track = item;
          write(track, item % kvHeads, firstRow[s], view.length(s), counts[s]);
        });
  }

  /** Writes a prefix's tokens, one track a head. */
  void fill(int tokens) {
    int parts = (tokens + TOKENS_PER_ITEM - 1) / TOKENS_PER_ITEM;
    run(
        parts * kvHeads,
        item -> {
          int from = item % parts * TOKENS_PER_ITEM;
          int head = item / parts;
          write(head, head, from, from, Math.min(TOKENS_PER_ITEM, tokens - from));
        });
  }

  private void write(long track, int head, long row, int token, int tokens) {
    for (int i = 0; i < tokens; i++) {
      writer.write(store, track, token + i, k, v, ((row + i) * kvHeads + head) * headDim);
    }
  }

  private interface Item {
    void run(int item);
  }

  private void run(int items, Item body) {
    if (k.elements() <= ALONE) {
      for (int item = 0; item < items; item++) {
        body.run(item);
      }
      return;
    }
    ItemRanges ranges = new ItemRanges(backend.pool.workers());
    ranges.reset(items);
    backend.pool.run(
        worker -> {
          for (int item = ranges.take(worker); item >= 0; item = ranges.take(worker)) {
            body.run(item);
          }
        });
  }
}
