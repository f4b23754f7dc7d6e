package io.github.hydragen.cpu;

import io.github.hydragen.DeviceLimits;
import io.github.hydragen.cpu.memory.OffHeap;
import io.github.hydragen.cpu.work.WorkPool;
import io.github.hydragen.spi.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures what the processor can do at best, in rounds of some ten milliseconds in which all
 * threads work at once. Needs vectors.
 *
 * <p>Public for the benchmarks, which repeat the rounds between those of what they compare.
 */
public final class CpuLimits implements AutoCloseable {
  /** Far beyond the second-level caches; a third level may be larger, but serves a whole host. */
  private static final long BYTES = 1L << 30;

  private static final int ROUNDS = 8;
  private static final int FMA_ITEMS = 256;
  private static final int FMA_STEPS = 1 << 14;
  private static final int READ_ITEM = 1 << 20;

  private final WorkPool pool;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * Takes up to 1 GiB of memory.
   *
   * @param threads that compute, 1 or more
   */
  public CpuLimits(int threads) {
    long bytes = Math.clamp(HostMemory.availableBytes() / 4, READ_ITEM, BYTES);
    // In pages like those of keys and values. In small ones, beside a library that maps and unmaps
    // memory in every step, a virtual machine read 3 to 5 GB/s of 55.
    this.memory = OffHeap.allocate(arena, bytes / READ_ITEM * READ_ITEM);
    this.pool = new WorkPool(threads, null);
    // Written first: pages that no one wrote are all the same page of zeros.
    run(readItems(), item -> memory.asSlice((long) item * READ_ITEM, READ_ITEM).fill((byte) 1));
  }

  /** The best of several rounds of each; takes about a second. */
  static DeviceLimits measure(int threads) {
    try (CpuLimits limits = new CpuLimits(threads)) {
      double flops = 0;
      double bytes = 0;
      for (int i = 0; i < ROUNDS; i++) {
        flops = Math.max(flops, limits.flopsPerSecond());
        bytes = Math.max(bytes, limits.bytesPerSecond());
      }
      return new DeviceLimits(flops, bytes);
    }
  }

  /** One round of fused multiplications and additions, two operations each. */
  public double flopsPerSecond() {
    double seconds = run(FMA_ITEMS, item -> LimitLoops.multiplyAdd(FMA_STEPS));
    return (double) FMA_ITEMS * FMA_STEPS * LimitLoops.FLOPS_PER_STEP / seconds;
  }

  /** One round of reading all of the memory. */
  public double bytesPerSecond() {
    double seconds =
        run(readItems(), item -> LimitLoops.read(memory, (long) item * READ_ITEM, READ_ITEM));
    return memory.byteSize() / seconds;
  }

  private int readItems() {
    return (int) (memory.byteSize() / READ_ITEM);
  }

  /** Part of a round. */
  private interface Item {
    void run(int item);
  }

  /** Seconds that all items take. */
  private double run(int items, Item work) {
    next.set(0);
    long start = System.nanoTime();
    pool.run(
        worker -> {
          for (int item = next.getAndIncrement(); item < items; item = next.getAndIncrement()) {
            work.run(item);
          }
        });
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void close() {
    pool.close();
    arena.close();
  }
}
