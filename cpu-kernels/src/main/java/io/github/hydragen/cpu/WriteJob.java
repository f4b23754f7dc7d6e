package io.github.hydragen.cpu;

import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.cpu.store.KvWriter;
import io.github.hydragen.cpu.work.ItemRanges;
import io.github.hydragen.cpu.work.WorkPool;

/** Writes tokens into storage, on all workers if there are many. */
abstract class WriteJob {
  /**
   * Elements up to which waking the workers costs more than it gains. Above, even little is worth
   * it: whoever writes tokens also reads them next, and finds them in its own cache.
   */
  private static final long ALONE = 1 << 11;

  final Tensor k;
  final Tensor v;
  final int kvHeads;
  private final CpuBackend backend;
  private final KvWriter writer;
  private final int headDim;
  private final ItemRanges ranges;
  private final WorkPool.Job job = this::work;

  WriteJob(CpuBackend backend, Tensor k, Tensor v) {
    this.backend = backend;
    this.writer = backend.writer;
    this.k = k;
    this.v = v;
    this.kvHeads = backend.layout.shape.kvHeads();
    this.headDim = backend.layout.shape.headDim();
    this.ranges = new ItemRanges(backend.pool.workers());
  }

  /** Writes a part; the run is the worker's own, to be set. */
  abstract void write(KvRun run, int item);

  /** Writes all parts. */
  final void run(int items) {
    if (k.elements() <= ALONE) {
      for (int item = 0; item < items; item++) {
        write(backend.workers[0].run, item);
      }
      return;
    }
    ranges.reset(items);
    backend.pool.run(job);
  }

  private void work(int worker) {
    for (int item = ranges.take(worker); item >= 0; item = ranges.take(worker)) {
      write(backend.workers[worker].run, item);
    }
  }

  /**
   * Writes a run's tokens.
   *
   * @param row the first token's number in {@link #k} and {@link #v}
   */
  final void write(KvStore store, KvRun run, int head, long row) {
    for (int token = run.from; token < run.to; token++) {
      long index = ((row + token - run.from) * kvHeads + head) * headDim;
      writer.write(store, run, token, k, v, index);
    }
  }
}
