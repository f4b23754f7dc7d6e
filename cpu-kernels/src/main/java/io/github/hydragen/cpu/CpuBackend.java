package io.github.hydragen.cpu;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.kernel.CpuWorker;
import io.github.hydragen.cpu.kernel.KernelPrimer;
import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.sharing.CpuPrefix;
import io.github.hydragen.cpu.sharing.SharingModel;
import io.github.hydragen.cpu.sharing.SharingRates;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.cpu.store.KvWriter;
import io.github.hydragen.cpu.store.PagedSuffixes;
import io.github.hydragen.cpu.store.ReservedSuffixes;
import io.github.hydragen.cpu.store.Suffixes;
import io.github.hydragen.cpu.work.WorkPool;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.HostMemory;
import org.jspecify.annotations.Nullable;

/** The CPU engine: workers with their kernels, and the storage of prefixes and batches. */
final class CpuBackend implements AttentionBackend {
  final KvLayout layout;
  final EngineOptions options;
  final MemoryAccount account = new MemoryAccount();
  final WorkPool pool;
  final CpuWorker[] workers;
  final KernelPrimer primer;
  final KvWriter writer;
  final SharingModel sharingModel;

  /** Calls of attend, of all batches, so far. */
  long steps;

  private final DeviceInfo device;

  CpuBackend(
      Simd simd,
      AttentionShape shape,
      EngineOptions options,
      DeviceInfo device,
      SharingRates rates) {
    this.layout = new KvLayout(shape, options.storage());
    this.options = options;
    this.device = device;
    this.writer = new KvWriter(layout);
    int threads =
        options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
    this.workers = new CpuWorker[threads];
    KernelPrimer made = null;
    try {
      for (int i = 0; i < threads; i++) {
        workers[i] = new CpuWorker(simd, layout, options);
        account.add(0, workers[i].bytes());
      }
      made = new KernelPrimer(simd, options, account);
      this.primer = made;
      this.sharingModel =
          new SharingModel(
              options,
              layout,
              threads,
              workers[0].matrix.maxRows(),
              simd.matrixOps().maxWidth(),
              rates);
      this.pool = new WorkPool(threads, options.executor());
    } catch (RuntimeException | Error e) {
      // There may be too little heap for so many workers, or too few threads.
      if (made != null) {
        made.close();
      }
      account.close();
      throw e;
    }
  }

  /** Makes room in all workers for passes of so many rows through the matrix kernel. */
  void reserve(int rows) {
    for (CpuWorker worker : workers) {
      long before = worker.bytes();
      worker.matrix.reserve(rows);
      account.add(0, worker.bytes() - before);
    }
  }

  @Override
  public DeviceInfo device() {
    return device;
  }

  @Override
  public BackendPrefix createPrefix(@Nullable BackendPrefix parent, Tensor k, Tensor v) {
    int tokens = (int) (k.elements() / layout.shape.kvRow());
    KvStore store = prefixStore(tokens);
    try {
      new FillJob(this, store, tokens, k, v).run();
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
    return new CpuPrefix((CpuPrefix) parent, store, tokens);
  }

  KvStore prefixStore(int tokens) {
    int tracks = layout.shape.kvHeads();
    HostMemory.require(
        "a prefix of " + tokens + " tokens",
        KvStore.bytes(layout, tracks, tokens),
        HostMemory.remedy("take a shorter one", layout.type));
    return new KvStore(layout, account, tracks, tokens);
  }

  @Override
  public BackendBatch createBatch(int sequences, int capacity) {
    CpuBatch.checkTracks(sequences, layout.shape.kvHeads());
    int pageTokens = options.pageTokens();
    Suffixes suffixes =
        pageTokens == 0
            ? new ReservedSuffixes(layout, account, sequences, capacity)
            : new PagedSuffixes(layout, account, pageTokens, sequences, capacity);
    return new CpuBatch(this, suffixes, sequences);
  }

  @Override
  public MemoryUsage memory() {
    return account.usage();
  }

  @Override
  public void close() {
    pool.close();
    primer.close();
    account.close();
  }
}
