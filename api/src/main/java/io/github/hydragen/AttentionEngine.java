package io.github.hydragen;

import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.BackendPrefix;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Attention over batches that share prefixes, for one head layout on one backend.
 *
 * <pre>{@code
 * try (var engine = AttentionEngine.open(AttentionShape.of(32, 8, 128))) {
 *   Prefix system = engine.prefix(k, v);             // [tokens, 8, 128]
 *   SequenceBatch batch = engine.batch(256, 512);    // sequences, suffix capacity
 *   batch.attachAll(system);
 *   batch.append(newK, newV);                        // [256, 8, 128]
 *   batch.attend(q, out, null);                      // [256, 32, 128]
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads, one call at a time. Owns its prefixes and batches: closing
 * the engine closes them. Memory is freed by {@code close} only.
 */
public final class AttentionEngine implements AutoCloseable {
  final ReentrantLock lock = new ReentrantLock();
  private final AttentionShape shape;
  private final EngineOptions options;
  final AttentionBackend backend;
  private final Set<Prefix> prefixes = new LinkedHashSet<>();
  private final Set<SequenceBatch> batches = new LinkedHashSet<>();
  private boolean closed;

  private AttentionEngine(AttentionShape shape, EngineOptions options, AttentionBackend backend) {
    this.shape = shape;
    this.options = options;
    this.backend = backend;
  }

  /** Opens an engine with {@link EngineOptions#defaults()}. */
  public static AttentionEngine open(AttentionShape shape) {
    return open(shape, EngineOptions.defaults());
  }

  /**
   * Opens an engine.
   *
   * @throws BackendUnavailableException if the named backend, or any, is not available
   * @throws IllegalArgumentException if the backend does not support the shape or an option
   */
  public static AttentionEngine open(AttentionShape shape, EngineOptions options) {
    Backends.Choice choice = Backends.choose(options.backend());
    return new AttentionEngine(
        shape, options, choice.provider().open(shape, options, choice.device()));
  }

  /** The head layout. */
  public AttentionShape shape() {
    return shape;
  }

  /** The options it was opened with. */
  public EngineOptions options() {
    return options;
  }

  /** The device that computes. */
  public DeviceInfo device() {
    return backend.device();
  }

  /**
   * How far an output or a log-sum-exp may be from the exact one for the stored keys and values,
   * relative to max(1, |exact|): 2e-5 where all arithmetic is fp32, 2e-3 where tensor cores
   * multiply 16-bit weights.
   */
  public double tolerance() {
    return backend.tolerance();
  }

  /**
   * Copies keys and values that sequences will share.
   *
   * @param k keys, [tokens, kvHeads, headDim], tokens 0 or more, of any type; rounded to the
   *     storage type
   * @param v values, like {@code k}
   * @throws InsufficientMemoryException before anything is allocated
   */
  public Prefix prefix(Tensor k, Tensor v) {
    return create(null, k, v);
  }

  /**
   * Copies keys and values that follow a prefix: one more level of sharing.
   *
   * @param parent a prefix of this engine
   * @param k keys, [tokens, kvHeads, headDim], tokens 0 or more
   * @param v values, like {@code k}
   * @throws InsufficientMemoryException before anything is allocated
   */
  public Prefix prefix(Prefix parent, Tensor k, Tensor v) {
    return create(parent, k, v);
  }

  /**
   * {@link #prefix(Tensor, Tensor)} from arrays.
   *
   * @param k keys, tokens x kvHeads x headDim elements
   * @param v values, as many
   */
  public Prefix prefix(float[] k, float[] v) {
    TensorChecks.wholeRows("k", k, shape.kvRow(), shape.kvHeads() + " heads x " + shape.headDim());
    TensorChecks.length("v", v, k.length, " like k");
    long tokens = k.length / shape.kvRow();
    long[] dims = {tokens, shape.kvHeads(), shape.headDim()};
    return prefix(Tensor.of(k, dims), Tensor.of(v, dims));
  }

  private Prefix create(@Nullable Prefix parent, Tensor k, Tensor v) {
    long tokens = k.rank() == 3 ? k.size(0) : -1;
    if (tokens < 0 || tokens > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "k is " + k + ", not [tokens, " + shape.kvHeads() + ", " + shape.headDim() + "]");
    }
    TensorChecks.readable("k", k, tokens, shape.kvHeads(), shape.headDim());
    TensorChecks.readable("v", v, tokens, shape.kvHeads(), shape.headDim());
    lock.lock();
    try {
      checkOpen();
      if (parent != null) {
        parent.checkUsable(this);
        checkTotalLength((long) parent.totalLength() + tokens);
      }
      BackendPrefix above = parent == null ? null : parent.stored;
      try (SharedTensors shared = new SharedTensors()) {
        BackendPrefix stored =
            backend.createPrefix(above, shared.source("k", k), shared.source("v", v));
        return register(new Prefix(this, parent, stored, (int) tokens));
      }
    } finally {
      lock.unlock();
    }
  }

  static void checkTotalLength(long tokens) {
    if (tokens > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a prefix with its ancestors would have " + tokens + " tokens: the most is 2^31 - 1");
    }
  }

  Prefix register(Prefix prefix) {
    prefixes.add(prefix);
    return prefix;
  }

  /**
   * Allocates a batch of empty sequences; with {@linkplain EngineOptions#withPageTokens pages} only
   * their bookkeeping.
   *
   * @param sequences 1 or more
   * @param capacity the most suffix tokens of a sequence, 0 or more
   * @throws InsufficientMemoryException before anything is allocated
   */
  public SequenceBatch batch(int sequences, int capacity) {
    Checks.range("sequences", sequences, 1, 1 << 24);
    Checks.range("capacity", capacity, 0, Integer.MAX_VALUE - 64);
    lock.lock();
    try {
      checkOpen();
      SequenceBatch batch =
          new SequenceBatch(this, backend.createBatch(sequences, capacity), sequences, capacity);
      batches.add(batch);
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes a decode step of several layers, each with a batch of its own, whose tensors stay on the
   * device.
   *
   * @param layers 1 or more, in the order in which they run, all with kernels or all without; those
   *     without have to fit in one graph of the device, which on {@code tornado} and {@code
   *     simulator} is up to 8 layers
   * @throws IllegalArgumentException if a batch is in two layers or another engine's, if some
   *     layers have kernels and some have none, or if there are too many without
   * @throws UnsupportedOperationException if the backend does not have such steps
   * @throws InsufficientMemoryException before anything is allocated
   */
  public ResidentStep residentStep(List<ResidentStep.Layer> layers) {
    lock.lock();
    try {
      checkOpen();
      return new ResidentStep(this, layers);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Turns the timing of kernels on or off; it slows steps down, and {@link ResidentStep}s that are
   * open stay as they are.
   *
   * @return whether kernels are timed from now on; false where the backend cannot
   */
  public boolean timeKernels(boolean on) {
    lock.lock();
    try {
      checkOpen();
      return backend.timeKernels(on);
    } finally {
      lock.unlock();
    }
  }

  /**
   * How long the device's kernels have run since the engine was opened.
   *
   * @return nanoseconds; empty where they are not timed ({@link #timeKernels})
   */
  public OptionalLong kernelNanos() {
    lock.lock();
    try {
      checkOpen();
      return backend.kernelNanos();
    } finally {
      lock.unlock();
    }
  }

  /** What the engine holds now. */
  public MemoryUsage memory() {
    lock.lock();
    try {
      checkOpen();
      return backend.memory();
    } finally {
      lock.unlock();
    }
  }

  /** Closes its batches and prefixes and frees all memory. Further calls do nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      List.copyOf(batches).forEach(SequenceBatch::close);
      List<Prefix> left = new ArrayList<>(prefixes);
      left.reversed().forEach(Prefix::release);
      prefixes.clear();
      backend.close();
    } finally {
      lock.unlock();
    }
  }

  void forget(Prefix prefix) {
    prefixes.remove(prefix);
  }

  void forget(SequenceBatch batch) {
    batches.remove(batch);
  }

  void checkOpen() {
    Checks.open(!closed, "the engine");
  }
}
