package io.github.hydragen.cpu.sharing;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.cpu.kernel.CpuWorker;
import io.github.hydragen.cpu.kernel.Partials;
import io.github.hydragen.cpu.kernel.RowOutput;
import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.sharing.SharingRates.Widths;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.cpu.work.WorkPool;
import io.github.hydragen.spi.HostMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures {@link SharingRates} with the engine's own kernels, on all workers at once, in a second
 * or two. Needs vectors.
 */
public final class SharingRatesMeter implements AutoCloseable {
  private static final int MANY = 512;
  private static final int FEW = KvLayout.STRIP;
  private static final int SHORT = KvLayout.BLOCK;
  private static final int MERGED_ROWS = 1024;

  /** Of a worker's data that its own cache holds. */
  private static final long NEAR_BYTES = 512L << 10;

  /** Of data that no cache holds, for all workers together. */
  private static final long FAR_BYTES = 256L << 20;

  /** A turn of a part: the short ones too are repeated often, or they would be compiled last. */
  private static final long TURN_NANOS = 1_000_000;

  private static final long PATIENCE_NANOS = 100_000;

  /** Goes on until no part has become faster by a hundredth for so long and so many sweeps. */
  private static final long CALM_NANOS = 1_000_000_000;

  private static final int CALM_SWEEPS = 10;
  private static final double FALL = 0.99;
  private static final long MOST_NANOS = 20_000_000_000L;

  private final KvLayout layout;
  private final int width;
  private final WorkPool pool;
  private final CpuWorker[] workers;
  private final Partials[] partials;
  private final KvStore near;
  private final KvStore far;
  private final int nearTracks;
  private final int farTracks;
  private final float[] query = new float[SharingRates.HEAD_DIM];
  private final AtomicInteger met = new AtomicInteger();
  private final List<Part> parts = new ArrayList<>();

  /** Something to be timed, and the least time of all workers so far, in nanoseconds. */
  private static final class Part {
    final WorkPool.Job job;
    double least = Double.MAX_VALUE;

    Part(WorkPool.Job job) {
      this.job = job;
    }
  }

  private SharingRatesMeter(Simd simd, DataType type, int threads) {
    AttentionShape shape = AttentionShape.of(1, 1, SharingRates.HEAD_DIM);
    EngineOptions options = EngineOptions.defaults().withStorage(type);
    MemoryAccount account = new MemoryAccount();
    this.layout = new KvLayout(shape, type);
    this.width = simd.matrixOps().maxWidth();
    this.pool = new WorkPool(threads, null);
    this.workers = new CpuWorker[threads];
    this.partials = new Partials[threads];
    for (int i = 0; i < threads; i++) {
      workers[i] = new CpuWorker(simd, layout, options);
      partials[i] = new Partials(account, SharingRates.HEAD_DIM, 1);
      partials[i].reserve(1, MERGED_ROWS);
    }
    long track = layout.trackBytes(MANY);
    long bytes = Math.min(FAR_BYTES, HostMemory.availableBytes() / 4);
    this.farTracks = (int) Math.max(1, bytes / threads / track);
    this.nearTracks = (int) Math.max(1, NEAR_BYTES / track);
    this.near = store(account, (long) nearTracks * threads);
    this.far = store(account, (long) farTracks * threads);
  }

  /** Written, with small numbers in any type: pages that no one wrote are all the same page. */
  private KvStore store(MemoryAccount account, long tracks) {
    KvStore store = new KvStore(layout, account, tracks, MANY);
    store.memory.fill((byte) 0x3c);
    return store;
  }

  /** Empty where other programs left so little of the machine that the result makes no sense. */
  public static Optional<SharingRates> measure(Simd simd, DataType type, int threads) {
    try (SharingRatesMeter meter = new SharingRatesMeter(simd, type, threads)) {
      return Optional.of(meter.measure()).filter(SharingRates::plausible);
    }
  }

  private SharingRates measure() {
    Part[] streams = {stream(1, MANY), stream(2, MANY), stream(4, MANY)};
    Part[] shortStreams = {stream(1, FEW), stream(2, FEW), stream(4, FEW)};
    int[] rows = {width / 4, width / 2, width, 4 * width};
    Part[] tiles = Arrays.stream(rows).mapToObj(r -> matrix(r, MANY, false)).toArray(Part[]::new);
    Part[] shortTiles =
        Arrays.stream(rows).mapToObj(r -> matrix(r, FEW, false)).toArray(Part[]::new);
    Part bounded = matrix(width, MANY, true);
    Part oneRun = runs(1);
    Part twoRuns = runs(2);
    Part[] far = {readFar(1), readFar(2), readFar(4)};
    Part merge = part(this::merge);
    Part barrier = part(this::meet);
    untilCalm();

    Widths stream =
        new Widths(
            perToken(streams[0], shortStreams[0]),
            perToken(streams[1], shortStreams[1]),
            perToken(streams[2], shortStreams[2]));
    double four = perToken(tiles[3], shortTiles[3]);
    double one = perToken(tiles[2], shortTiles[2]);
    double tile = (four - one) / 3;
    double widen = Math.max(0, one - tile);
    double mask = (bounded.least - tiles[2].least) / nearTracks / MANY / width;
    double row = (shortTiles[2].least / nearTracks - FEW * one) / width;
    return new SharingRates(
        stream,
        new Widths(
            perToken(tiles[0], shortTiles[0]) - widen,
            perToken(tiles[1], shortTiles[1]) - widen,
            tile),
        new Widths(
            perByte(far[0], stream.narrow()),
            perByte(far[1], stream.middle()),
            perByte(far[2], stream.wide())),
        widen,
        Math.max(0, mask),
        Math.max(0, row),
        Math.max(0, (twoRuns.least - oneRun.least) / nearTracks - SHORT * stream.narrow()),
        merge.least / MERGED_ROWS,
        barrier.least);
  }

  private double perByte(Part far, double near) {
    double bytes = 2.0 * SharingRates.HEAD_DIM * layout.type.bytes();
    return Math.max(0, far.least / farTracks / MANY - near) / bytes;
  }

  private double perToken(Part many, Part few) {
    return (many.least - few.least) / nearTracks / (MANY - FEW);
  }

  private Part part(WorkPool.Job job) {
    Part part = new Part(job);
    parts.add(part);
    return part;
  }

  /** Times all parts, again and again: until the compiler is through and nothing gets faster. */
  private void untilCalm() {
    long start = System.nanoTime();
    long fell = start;
    int calm = 0;
    for (long now = start;
        (calm < CALM_SWEEPS || now < fell + CALM_NANOS) && now < start + MOST_NANOS; ) {
      boolean faster = sweep();
      now = System.nanoTime();
      calm = faster ? 0 : calm + 1;
      fell = faster ? now : fell;
    }
  }

  private boolean sweep() {
    boolean fell = false;
    for (Part part : parts) {
      double before = part.least;
      long now = System.nanoTime();
      for (long end = now + TURN_NANOS; now < end; ) {
        met.set(0);
        long start = System.nanoTime();
        pool.run(part.job);
        now = System.nanoTime();
        part.least = Math.min(part.least, (double) (now - start));
      }
      fell |= part.least < FALL * before;
    }
    return fell;
  }

  private Part stream(int rows, int tokens) {
    return part(worker -> stream(worker, near, nearTracks, rows, tokens));
  }

  /** So many short runs, one after another. */
  private Part runs(int count) {
    return part(
        worker -> {
          CpuWorker w = workers[worker];
          for (int i = 0; i < nearTracks; i++) {
            w.stream.begin(1);
            w.stream.query(0, query);
            for (int r = 0; r < count; r++) {
              w.stream.attend(w.run.set(near, (long) worker * nearTracks + i, 0, SHORT));
            }
            w.stream.state(0, w.output);
          }
        });
  }

  private void stream(int worker, KvStore store, int tracks, int rows, int tokens) {
    for (int i = 0; i < tracks; i++) {
      stream(workers[worker], store, worker * tracks + i, rows, tokens);
    }
  }

  private void stream(CpuWorker w, KvStore store, int track, int rows, int tokens) {
    w.stream.begin(rows);
    for (int r = 0; r < rows; r++) {
      w.stream.query(r, query);
    }
    w.stream.attend(w.run.set(store, track, 0, tokens));
    for (int r = 0; r < rows; r++) {
      w.stream.state(r, w.output);
    }
  }

  private Part matrix(int rows, int tokens, boolean bounded) {
    return part(
        worker -> {
          for (int i = 0; i < nearTracks; i++) {
            matrix(workers[worker], worker * nearTracks + i, rows, tokens, bounded);
          }
        });
  }

  private void matrix(CpuWorker w, int track, int rows, int tokens, boolean bounded) {
    w.matrix.begin(rows);
    for (int r = 0; r < rows; r++) {
      w.matrix.query(r, query);
      if (bounded) {
        w.matrix.bound(r, r, tokens);
      }
    }
    w.matrix.attend(w.run.set(near, track, 0, tokens));
    for (int r = 0; r < rows; r++) {
      w.matrix.state(r, w.output);
    }
  }

  private Part readFar(int rows) {
    return part(worker -> stream(worker, far, farTracks, rows, MANY));
  }

  private void merge(int worker) {
    RowOutput output = workers[worker].output;
    for (int r = 0; r < MERGED_ROWS; r++) {
      output.max = 1;
      output.sum = 1;
      partials[worker].put(0, r, output);
    }
    for (int r = 0; r < MERGED_ROWS; r++) {
      output.clear();
      partials[worker].mergeInto(output, 0, r);
    }
  }

  /** Until all workers have come, or one comes too late to be waited for. */
  private void meet(int worker) {
    met.incrementAndGet();
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (met.get() < workers.length && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    pool.close();
    near.close();
    far.close();
    for (Partials merged : partials) {
      merged.clear();
    }
  }
}
