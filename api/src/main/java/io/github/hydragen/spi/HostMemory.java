package io.github.hydragen.spi;

import com.sun.management.OperatingSystemMXBean;
import io.github.hydragen.DataType;
import io.github.hydragen.InsufficientMemoryException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** How much memory of this machine (or container) can still be taken without swapping. */
public final class HostMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");

  /** Left to the rest of the process and the system. */
  private static final long RESERVE = 256L << 20;

  /** Bytes that engines of this process hold, whether or not anything was written to them. */
  private static final AtomicLong HELD = new AtomicLong();

  private HostMemory() {}

  /**
   * Counts what an engine has allocated: the system counts a fresh page as free until it is written
   * to, and would promise the same memory again.
   *
   * @param change bytes that were allocated, or negative that were freed
   */
  public static void held(long change) {
    HELD.addAndGet(change);
  }

  /**
   * Checks a request before it is allocated.
   *
   * @param what what was asked for, in words
   * @throws InsufficientMemoryException if it does not fit
   */
  public static void require(String what, long bytes) {
    require(what, bytes, "make it smaller");
  }

  /**
   * Checks a request before it is allocated.
   *
   * @param what what was asked for, in words
   * @param remedy what helps, in words
   * @throws InsufficientMemoryException if it does not fit
   */
  public static void require(String what, long bytes, String remedy) {
    long available = availableBytes();
    if (bytes > available) {
      throw new InsufficientMemoryException(what, bytes, available, remedy);
    }
  }

  /**
   * The remedy for keys and values that do not fit.
   *
   * @param smaller what helps however they are stored, in words
   * @param storage how they are stored: a narrower type is advised only where there is one
   */
  public static String remedy(String smaller, DataType storage) {
    return storage == DataType.F32 ? smaller + ", or store it as F16 or BF16" : smaller;
  }

  /**
   * Checks a request to the Java heap before it is allocated: once the heap is full, any thread of
   * the program may get the error. Garbage counts as free, so it is collected first if need be;
   * where that cannot be asked for ({@code -XX:+DisableExplicitGC}) nothing is refused that the
   * heap could hold.
   *
   * @param what what was asked for, in words
   * @throws InsufficientMemoryException if it does not fit
   */
  public static void requireHeap(String what, long bytes) {
    if (bytes <= heapBytes()) {
      return;
    }
    boolean possible = bytes <= Runtime.getRuntime().maxMemory();
    boolean known = !possible || collectsGarbage();
    long left = heapBytes();
    if (known && bytes > left) {
      throw InsufficientMemoryException.ofHeap(what, bytes, left);
    }
  }

  /** Collects garbage, and says whether that was done. */
  private static boolean collectsGarbage() {
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    System.gc();
    return garbage.refersTo(null);
  }

  /** Bytes that the heap can still take, without those of garbage. */
  private static long heapBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
  }

  /**
   * The product of sizes, for {@link #require}.
   *
   * @param sizes each 0 or more
   * @return {@link Long#MAX_VALUE} if the product is beyond it
   */
  public static long product(long... sizes) {
    long product = 1;
    for (long size : sizes) {
      if (size != 0 && product > Long.MAX_VALUE / size) {
        product = Long.MAX_VALUE;
      } else {
        product *= size;
      }
    }
    return product;
  }

  /** Bytes that can be taken now. */
  public static long availableBytes() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long free = system.getFreeMemorySize();
    long notPromised = system.getTotalMemorySize() - HELD.get();
    long available = Math.min(notPromised, Math.max(free, reclaimable()));
    return Math.max(0, available - RESERVE);
  }

  /** Linux's own estimate, which counts caches that it can drop; 0 elsewhere. */
  private static long reclaimable() {
    if (!Files.isReadable(MEMINFO)) {
      return 0;
    }
    try {
      List<String> lines = Files.readAllLines(MEMINFO);
      for (String line : lines) {
        if (line.startsWith("MemAvailable:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
