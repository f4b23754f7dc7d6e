package io.github.hydragen;

import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How an {@link AttentionEngine} computes; immutable, changed by the {@code with} methods.
 *
 * <p>A score is {@code s = scale * (q . k)}, then {@code logitSoftCap * tanh(s / logitSoftCap)} if
 * a cap is set. The query at position {@code p} of its sequence (prefix tokens count) sees key
 * {@code j} if it is not causal or {@code j <= p}, and if no window is set or {@code j >= p -
 * window}.
 */
public final class EngineOptions {
  /** Whether the passes over prefixes are shared. */
  public enum Sharing {
    /** Each prefix is shared where the backend's cost model says that it pays. */
    AUTO,
    /** Every prefix is shared. */
    ALWAYS,
    /** No pass is shared: each sequence reads its prefixes by itself. */
    NEVER
  }

  private static final int PAGE_STEP = 16;
  private static final int LARGEST_PAGE = 1 << 20;

  private static final EngineOptions DEFAULTS = new EngineOptions(new Values());

  private final Values values;

  private EngineOptions(Values values) {
    this.values = values;
  }

  /**
   * F32 storage, scale {@code 1 / sqrt(headDim)}, causal, no cap, no window, all processors, no
   * pages, the best available backend.
   */
  public static EngineOptions defaults() {
    return DEFAULTS;
  }

  /**
   * The backend to use.
   *
   * @param name for instance {@code cpu}, {@code tornado}, {@code tornado:0:1}; null asks the
   *     system property {@code hydragen.backend}, then the environment's {@code HYDRAGEN_BACKEND},
   *     then takes the best available
   */
  public EngineOptions withBackend(@Nullable String name) {
    Values copy = values.copy();
    copy.backend = name;
    return new EngineOptions(copy);
  }

  /** How keys and values are stored; they are rounded when they are taken in. */
  public EngineOptions withStorage(DataType type) {
    Values copy = values.copy();
    copy.storage = Objects.requireNonNull(type, "storage is null: choose F32, F16 or BF16");
    return new EngineOptions(copy);
  }

  /**
   * The factor of every score.
   *
   * @param scale finite and not 0
   */
  public EngineOptions withScale(float scale) {
    if (!Float.isFinite(scale) || scale == 0) {
      throw new IllegalArgumentException("scale " + scale + " must be finite and not 0");
    }
    Values copy = values.copy();
    copy.scale = scale;
    return new EngineOptions(copy);
  }

  /** Whether a new token sees only keys up to its own (the default) or all of its sequence. */
  public EngineOptions withCausal(boolean causal) {
    Values copy = values.copy();
    copy.causal = causal;
    return new EngineOptions(copy);
  }

  /**
   * Bounds scores smoothly to {@code (-cap, cap)}.
   *
   * @param cap finite and positive, or 0 for none
   */
  public EngineOptions withLogitSoftCap(float cap) {
    if (!Float.isFinite(cap) || cap < 0) {
      throw new IllegalArgumentException(
          "logitSoftCap " + cap + " must be finite and positive, or 0 for none");
    }
    Values copy = values.copy();
    copy.logitSoftCap = cap;
    return new EngineOptions(copy);
  }

  /**
   * Limits the keys that a query sees to the left of its own.
   *
   * @param keys 0 or more, or -1 for no limit
   */
  public EngineOptions withWindow(int keys) {
    Checks.range("window", keys, -1, Integer.MAX_VALUE);
    Values copy = values.copy();
    copy.window = keys;
    return new EngineOptions(copy);
  }

  /**
   * The number of threads that a CPU backend computes with, the caller's included.
   *
   * @param threads 1 to 4096, or 0 for one a processor
   */
  public EngineOptions withThreads(int threads) {
    Checks.range("threads", threads, 0, 4096);
    Values copy = values.copy();
    copy.threads = threads;
    return new EngineOptions(copy);
  }

  /**
   * The executor that runs a CPU backend's work beside the calling thread.
   *
   * @param executor stays the caller's; null lets the engine keep its own threads
   */
  public EngineOptions withExecutor(@Nullable Executor executor) {
    Values copy = values.copy();
    copy.executor = executor;
    return new EngineOptions(copy);
  }

  /** Whether passes over prefixes are shared. */
  public EngineOptions withSharing(Sharing sharing) {
    Values copy = values.copy();
    copy.sharing = Objects.requireNonNull(sharing, "sharing is null: choose AUTO, ALWAYS or NEVER");
    return new EngineOptions(copy);
  }

  /**
   * Stores suffixes in pages instead of reserving every sequence's capacity when a batch is made.
   *
   * <p>Pages are taken by {@link SequenceBatch#append} and go back when a sequence is cleared,
   * truncated or promoted. A batch then needs memory for the tokens it holds, each sequence rounded
   * up to whole pages, however large its capacity is; in return {@code append} can run out of
   * memory, and the passes over suffixes stop at every page's end. Results differ by no more than
   * rounding. A few hundred tokens keep both costs small.
   *
   * <p>Backend {@code cpu} has pages; {@code reference}, {@code simulator} and {@code tornado}
   * ignore this and reserve the capacity.
   *
   * @param tokens of a page: a multiple of 16 up to 1048576, for instance 256; 0 for no pages, the
   *     default
   */
  public EngineOptions withPageTokens(int tokens) {
    Checks.range("pageTokens", tokens, 0, LARGEST_PAGE);
    if (tokens % PAGE_STEP != 0) {
      throw new IllegalArgumentException(
          "pageTokens " + tokens + " is not a multiple of " + PAGE_STEP + ": round it up");
    }
    Values copy = values.copy();
    copy.pageTokens = tokens;
    return new EngineOptions(copy);
  }

  /** The backend's name, or null for the best. */
  public @Nullable String backend() {
    return values.backend;
  }

  /** How keys and values are stored. */
  public DataType storage() {
    return values.storage;
  }

  /** The factor of every score for a head dimension: the one set, or {@code 1 / sqrt(headDim)}. */
  public float scale(int headDim) {
    return Float.isNaN(values.scale) ? (float) (1 / Math.sqrt(headDim)) : values.scale;
  }

  /** Whether a new token sees only keys up to its own. */
  public boolean causal() {
    return values.causal;
  }

  /** The bound of the scores, or 0. */
  public float logitSoftCap() {
    return values.logitSoftCap;
  }

  /** Keys visible to the left, or -1 for all. */
  public int window() {
    return values.window;
  }

  /** Threads to compute with, or 0 for one a processor. */
  public int threads() {
    return values.threads;
  }

  /** The caller's executor, or null. */
  public @Nullable Executor executor() {
    return values.executor;
  }

  /** Whether passes over prefixes are shared. */
  public Sharing sharing() {
    return values.sharing;
  }

  /** Tokens of a page of suffixes, or 0 where capacity is reserved. */
  public int pageTokens() {
    return values.pageTokens;
  }

  private static final class Values implements Cloneable {
    private @Nullable String backend;
    private DataType storage = DataType.F32;
    private float scale = Float.NaN;
    private boolean causal = true;
    private float logitSoftCap;
    private int window = -1;
    private int threads;
    private @Nullable Executor executor;
    private Sharing sharing = Sharing.AUTO;
    private int pageTokens;

    Values copy() {
      try {
        return (Values) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
