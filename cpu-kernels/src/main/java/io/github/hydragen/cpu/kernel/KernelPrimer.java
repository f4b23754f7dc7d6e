package io.github.hydragen.cpu.kernel;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Shows the compiler every way through the kernels while it compiles them.
 *
 * <p>C2 leaves out what has never run since a method's profile began, and throws all of the code
 * away when it does run: the first odd suffix length would bring steps back to the interpreter. So
 * every few items a worker runs kernels of this engine's own, over a few tokens, with strips, rows
 * and bounds of all kinds. They are the same methods and leave their counts in the same profiles;
 * but heads of two elements take hardly any time. It has to be done between items: a profile begins
 * when the first compiler has met a method, in the middle of the first step, and may be used before
 * that step ends.
 */
public final class KernelPrimer implements AutoCloseable {
  private static final int HEAD_DIM = 2;

  /** A whole strip, and one that is narrower. */
  private static final int TOKENS = KvLayout.STRIP + 3 * KvLayout.BLOCK;

  /** From odd to odd through both strips; one half of a word, and the other; both; nothing. */
  private static final int[][] RUNS = {
    {KvLayout.STRIP - 1, KvLayout.STRIP + KvLayout.BLOCK + 1}, {0, 1}, {1, 2}, {2, 4}, {5, 5}
  };

  /** Groups of four, two and one. */
  private static final int STREAM_ROWS = 7;

  /** Items from one turn to the next, at first. */
  private static final long GAP = 16;

  /** The gaps grow by one in so many items. */
  private static final long GROWTH = 1 << 8;

  /**
   * Items after which there are no more turns: the profiles keep what they have counted, and steps
   * are to allocate nothing, while a turn allocates some kilobytes.
   */
  private static final long LAST = 1 << 16;

  /** When it is the primer's turn among items that are dealt out: every few of them. */
  public static final class Turns {
    private long before;
    private int items;
    private long gap = GAP;

    /** Before a call's items, from 0 on, are dealt out. */
    public void begin(int next) {
      before += items;
      items = next;
      gap = before < LAST ? GAP + before / GROWTH : Long.MAX_VALUE;
    }

    private boolean isDue(int item) {
      return (before + item + 1) % gap == 0;
    }
  }

  /** Of an engine's shared items, and of its own passes: each kind meets its kernels evenly. */
  public final Turns shared = new Turns();

  /** See {@link #shared}. */
  public final Turns own = new Turns();

  private final CpuWorker kernels;
  private final KvStore store;
  private final int tile;
  private final float[] query = new float[HEAD_DIM];

  /** Whoever comes while another has the kernels goes on: once is enough for all. */
  private final AtomicBoolean taken = new AtomicBoolean();

  /** Kernels of its own, which count as memory of the engine. */
  public KernelPrimer(Simd simd, EngineOptions options, MemoryAccount account) {
    KvLayout layout = new KvLayout(AttentionShape.of(1, 1, HEAD_DIM), options.storage());
    this.kernels = new CpuWorker(simd, layout, options);
    // Pages do not count as keys and values of the user; these hold zeros.
    this.store = KvStore.ofPages(layout, account, 1, TOKENS);
    this.tile = simd.matrixOps().maxWidth();
    kernels.matrix.reserve(tile + tile / 2);
    account.add(0, kernels.bytes());
  }

  /** To be called after an item of {@link StreamKernel}, by its worker. */
  public void streamed(Turns turns, int item) {
    if (turns.isDue(item) && taken.compareAndSet(false, true)) {
      stream();
      taken.set(false);
    }
  }

  /** To be called after an item of {@link MatrixKernel}, by its worker. */
  public void multiplied(Turns turns, int item) {
    if (turns.isDue(item) && taken.compareAndSet(false, true)) {
      matrix(1, true);
      matrix(tile + tile / 2, false);
      taken.set(false);
    }
  }

  private void stream() {
    StreamKernel stream = kernels.stream;
    stream.begin(STREAM_ROWS);
    for (int r = 0; r < STREAM_ROWS; r++) {
      stream.query(r, query);
    }
    for (int[] run : RUNS) {
      stream.attend(kernels.run.set(store, 0, run[0], run[1]));
    }
    for (int r = 0; r < STREAM_ROWS; r++) {
      stream.state(r, kernels.output);
    }
  }

  /** The narrowest tile, with and without bounds, or a wide one and one half as wide. */
  private void matrix(int rows, boolean bounded) {
    MatrixKernel matrix = kernels.matrix;
    matrix.begin(rows);
    for (int r = 0; r < rows; r++) {
      matrix.query(r, query);
    }
    matrix.attend(kernels.run.set(store, 0, KvLayout.STRIP + 1, KvLayout.STRIP + 2));
    matrix.attend(kernels.run.set(store, 0, 5, 5));
    if (bounded) {
      for (int r = 0; r < rows; r++) {
        matrix.bound(r, 1, 2);
      }
      // Some of the run, all of it, nothing.
      matrix.attend(kernels.run.set(store, 0, 0, KvLayout.STRIP / 2 + 1));
      matrix.attend(kernels.run.set(store, 0, 1, 2));
      matrix.attend(kernels.run.set(store, 0, 5, 9));
    }
    for (int r = 0; r < rows; r++) {
      matrix.state(r, kernels.output);
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
