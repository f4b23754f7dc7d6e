package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BatchView;

/** Writes new tokens into suffixes or a prefix, on all workers if there are many. */
final class WriteJob {
  /** Elements below which waking the workers costs more than it gains. */
  private static final long ALONE = 1 << 15;

  private static final int TOKENS_PER_ITEM = 16 * KvLayout.BLOCK;

  private final CpuBackend backend;
  private final KvWriter writer;
  private final Tensor k;
  private final Tensor v;
  private final int kvHeads;
  private final int headDim;

  WriteJob(CpuBackend backend, Tensor k, Tensor v) {
    this.backend = backend;
    this.writer = backend.writer;
    this.k = k;
    this.v = v;
    this.kvHeads = backend.layout.shape.kvHeads();
    this.headDim = backend.layout.shape.headDim();
  }

  /** Writes {@code counts[s]} tokens behind those of each sequence. */
  void append(Suffixes suffixes, BatchView view, int[] counts) {
    int sequences = view.sequences();
    long[] firstRow = new long[sequences];
    long rows = 0;
    for (int s = 0; s < sequences; s++) {
      firstRow[s] = rows;
      rows += counts[s];
    }
    run(
        sequences * kvHeads,
        (run, item) -> {
          int s = item / kvHeads;
          append(run, suffixes, s, item % kvHeads, view.length(s), counts[s], firstRow[s]);
        });
  }

  private void append(
      KvRun run, Suffixes suffixes, int sequence, int head, int token, int count, long row) {
    for (int at = token; at < token + count; at = run.to) {
      KvStore store = suffixes.set(run, sequence, head, at, token + count);
      write(store, run, head, row + at - token);
    }
  }

  /** Writes a prefix's tokens, one track a head. */
  void fill(KvStore store, int tokens) {
    int parts = (tokens + TOKENS_PER_ITEM - 1) / TOKENS_PER_ITEM;
    run(
        parts * kvHeads,
        (run, item) -> {
          int from = item % parts * TOKENS_PER_ITEM;
          int head = item / parts;
          run.set(store, head, from, Math.min(from + TOKENS_PER_ITEM, tokens));
          write(store, run, head, from);
        });
  }

  private void write(KvStore store, KvRun run, int head, long row) {
    for (int token = run.from; token < run.to; token++) {
      long index = ((row + token - run.from) * kvHeads + head) * headDim;
      writer.write(store, run, token, k, v, index);
    }
  }

  /** A part of the work; the run is the worker's own, to be set. */
  private interface Item {
    void write(KvRun run, int item);
  }

  private void run(int items, Item body) {
    if (k.elements() <= ALONE) {
      for (int item = 0; item < items; item++) {
        body.write(backend.workers[0].run, item);
      }
      return;
    }
    ItemRanges ranges = new ItemRanges(backend.pool.workers());
    ranges.reset(items);
    backend.pool.run(
        worker -> {
          for (int item = ranges.take(worker); item >= 0; item = ranges.take(worker)) {
            body.write(backend.workers[worker].run, item);
          }
        });
  }
}
