package io.github.hydragen;

import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.spi.StepLayer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch of sequences: each belongs to a {@link Prefix} or to none and has a suffix of its own.
 *
 * <p>Sequences are slots: a new one joins by {@link #clear} and {@link #attach}. Tensors of tokens
 * hold the tokens of sequence 0, then of sequence 1, and so on.
 */
public final class SequenceBatch implements AutoCloseable {
  private final AttentionEngine engine;
  private final BackendBatch stored;
  private final int capacity;
  private final int[] lengths;
  private final int[] counts;
  private final @Nullable Prefix[] prefixes;
  private final View view = new View();
  private long attachments;
  private @Nullable ResidentStep step;
  private boolean closed;

  SequenceBatch(AttentionEngine engine, BackendBatch stored, int sequences, int capacity) {
    this.engine = engine;
    this.stored = stored;
    this.capacity = capacity;
    this.lengths = new int[sequences];
    this.counts = new int[sequences];
    this.prefixes = new @Nullable Prefix[sequences];
  }

  /** The number of sequences. */
  public int size() {
    return lengths.length;
  }

  /** The most suffix tokens of a sequence. */
  public int capacity() {
    return capacity;
  }

  /** Suffix tokens of a sequence. */
  public int length(int sequence) {
    Checks.index("sequence", sequence, size());
    engine.lock.lock();
    try {
      checkOpen();
      return lengths[sequence];
    } finally {
      engine.lock.unlock();
    }
  }

  /** The prefix that a sequence is attached to, or null. */
  public @Nullable Prefix prefix(int sequence) {
    Checks.index("sequence", sequence, size());
    engine.lock.lock();
    try {
      checkOpen();
      return prefixes[sequence];
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Moves a sequence below a prefix; its suffix stays.
   *
   * @param prefix of the same engine, or null for none
   */
  public void attach(int sequence, @Nullable Prefix prefix) {
    Checks.index("sequence", sequence, size());
    engine.lock.lock();
    try {
      checkOpen();
      if (prefix != null) {
        prefix.checkUsable(engine);
      }
      move(sequence, prefix);
    } finally {
      engine.lock.unlock();
    }
  }

  /** Moves all sequences below a prefix; suffixes stay. */
  public void attachAll(@Nullable Prefix prefix) {
    engine.lock.lock();
    try {
      for (int sequence = 0; sequence < size(); sequence++) {
        attach(sequence, prefix);
      }
    } finally {
      engine.lock.unlock();
    }
  }

  private void move(int sequence, @Nullable Prefix prefix) {
    Prefix before = prefixes[sequence];
    if (before == prefix) {
      return;
    }
    if (before != null) {
      before.attached(-1);
    }
    if (prefix != null) {
      prefix.attached(1);
    }
    prefixes[sequence] = prefix;
    attachments++;
  }

  /** Empties a sequence and detaches it from its prefix: it leaves the batch. */
  public void clear(int sequence) {
    Checks.index("sequence", sequence, size());
    engine.lock.lock();
    try {
      checkOpen();
      move(sequence, null);
      cut(sequence, 0);
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Forgets the last suffix tokens of a sequence.
   *
   * @param length tokens that stay, 0 to the present length
   */
  public void truncate(int sequence, int length) {
    Checks.index("sequence", sequence, size());
    engine.lock.lock();
    try {
      checkOpen();
      Checks.range("length", length, 0, lengths[sequence]);
      cut(sequence, length);
    } finally {
      engine.lock.unlock();
    }
  }

  private void cut(int sequence, int length) {
    lengths[sequence] = length;
    stored.truncated(sequence, length);
  }

  /**
   * Adds as many new tokens to every sequence, in place.
   *
   * @param k keys, [sequences, kvHeads, headDim] or [sequences, tokens, kvHeads, headDim], rounded
   *     to the storage type
   * @param v values, like {@code k}
   * @throws IllegalStateException if a sequence would exceed the capacity; nothing is changed then
   * @throws InsufficientMemoryException if there are no more pages; nothing is changed then
   */
  public void append(Tensor k, Tensor v) {
    engine.lock.lock();
    try {
      append(k, v, uniform("k", k));
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Adds new tokens, a different number to each sequence.
   *
   * @param k keys, [sum(newTokens), kvHeads, headDim]
   * @param v values, like {@code k}
   * @param newTokens tokens of each sequence, 0 or more
   * @throws IllegalStateException if a sequence would exceed the capacity; nothing is changed then
   * @throws InsufficientMemoryException if there are no more pages; nothing is changed then
   */
  public void append(Tensor k, Tensor v, int[] newTokens) {
    long rows = rows(newTokens);
    AttentionShape shape = engine.shape();
    TensorChecks.rows("k", k, rows, shape.kvHeads(), shape.headDim());
    TensorChecks.rows("v", v, rows, shape.kvHeads(), shape.headDim());
    engine.lock.lock();
    try {
      checkOpen();
      checkNoStep();
      for (int s = 0; s < size(); s++) {
        checkRoom(s, newTokens[s]);
      }
      try (SharedTensors shared = new SharedTensors()) {
        stored.append(view, newTokens, shared.source("k", k), shared.source("v", v));
      }
      for (int s = 0; s < size(); s++) {
        lengths[s] += newTokens[s];
      }
    } finally {
      engine.lock.unlock();
    }
  }

  /** {@link #append(Tensor, Tensor)} from arrays of sequences x tokens x kvHeads x headDim. */
  public void append(float[] k, float[] v) {
    int heads = engine.shape().kvHeads();
    Tensor keys = tokens("k", k, heads);
    TensorChecks.length("v", v, k.length, " like k");
    append(keys, Tensor.of(v, keys.shape()));
  }

  /**
   * Attends with the last tokens of every sequence to its prefixes and its suffix.
   *
   * <p>There may be more queries than suffix tokens. Those before the first suffix token stand at
   * the last prefix token, so that causality never hides a part of the prefixes: a causal query
   * sees all of them at least. Of a sequence without prefix such causal queries see nothing: their
   * outputs are 0 and their log-sum-exps -infinity.
   *
   * @param q queries, [sequences, queryHeads, headDim] or [sequences, tokens, queryHeads, headDim]
   * @param out overwritten, the shape of {@code q}, any type; must not overlap {@code q}
   * @param lse overwritten, F32 [sequences, queryHeads] or [sequences, tokens, queryHeads], natural
   *     logarithm; or null
   */
  public void attend(Tensor q, Tensor out, @Nullable Tensor lse) {
    engine.lock.lock();
    try {
      attend(q, out, lse, uniform("q", q));
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Attends with a different number of tokens of each sequence; what more queries see than a suffix
   * has tokens is as {@link #attend(Tensor, Tensor, Tensor)} says.
   *
   * @param q queries, [sum(newTokens), queryHeads, headDim]
   * @param out overwritten, the shape of {@code q}, any type; must not overlap {@code q}
   * @param lse overwritten, F32 [sum(newTokens), queryHeads], natural logarithm; or null
   * @param newTokens queries of each sequence, 0 or more: its last tokens
   */
  public void attend(Tensor q, Tensor out, @Nullable Tensor lse, int[] newTokens) {
    long rows = rows(newTokens);
    TensorChecks.queries(q, out, lse, rows, engine.shape());
    engine.lock.lock();
    try {
      checkOpen();
      checkNoStep();
      try (SharedTensors shared = new SharedTensors()) {
        Tensor sharedLse = lse == null ? null : shared.target("lse", lse);
        stored.attend(view, newTokens, shared.source("q", q), shared.target("out", out), sharedLse);
        shared.copyBack();
      }
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * {@link #attend(Tensor, Tensor, Tensor)} on arrays of sequences x tokens x queryHeads (x
   * headDim).
   */
  public void attend(float[] q, float[] out, float @Nullable [] lse) {
    int heads = engine.shape().queryHeads();
    Tensor queries = tokens("q", q, heads);
    TensorChecks.length("out", out, q.length, "");
    if (lse != null) {
      TensorChecks.length("lse", lse, q.length / engine.shape().headDim(), "");
    }
    attend(
        queries,
        Tensor.of(out, queries.shape()),
        lse == null ? null : Tensor.of(lse, lse.length / heads, heads));
  }

  /** What {@link #attend} would do with each prefix for one new token of every sequence. */
  public AttentionPlan plan() {
    engine.lock.lock();
    try {
      checkOpen();
      Arrays.fill(counts, 1);
      return stored.plan(view, counts);
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Turns a sequence's suffix into a prefix that others can attach to, and attaches the sequence to
   * it with an empty suffix. Nothing is computed again; only that suffix is copied.
   *
   * @throws InsufficientMemoryException before anything is allocated
   */
  public Prefix promote(int sequence) {
    Checks.index("sequence", sequence, size());
    engine.lock.lock();
    try {
      checkOpen();
      Prefix parent = prefixes[sequence];
      int length = lengths[sequence];
      AttentionEngine.checkTotalLength((parent == null ? 0L : parent.totalLength()) + length);
      BackendPrefix promoted =
          stored.promote(sequence, length, parent == null ? null : parent.stored);
      Prefix prefix = engine.register(new Prefix(engine, parent, promoted, length));
      move(sequence, prefix);
      cut(sequence, 0);
      return prefix;
    } finally {
      engine.lock.unlock();
    }
  }

  /** Frees its storage and detaches its sequences. Further calls do nothing. */
  @Override
  public void close() {
    engine.lock.lock();
    try {
      if (closed) {
        return;
      }
      if (step != null) {
        step.close();
      }
      closed = true;
      for (int s = 0; s < size(); s++) {
        move(s, null);
      }
      stored.close();
      engine.forget(this);
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * A decode step whose tensors stay on the device, without kernels of a model: they are uploaded
   * and downloaded.
   *
   * @throws UnsupportedOperationException if the backend does not have such steps
   */
  public ResidentStep residentStep() {
    return engine.residentStep(List.of(new ResidentStep.Layer(this, null)));
  }

  /**
   * A decode step whose tensors stay on the device, where a model's kernels write and read them.
   *
   * @param kernels of the engine's backend
   * @throws UnsupportedOperationException if the backend does not have such steps
   * @throws IllegalArgumentException if the kernels are not of this backend
   */
  public ResidentStep residentStep(StepKernels kernels) {
    return engine.residentStep(List.of(new ResidentStep.Layer(this, kernels)));
  }

  /** Checks that a step of an engine can take the batch over. */
  void checkFree(AttentionEngine of) {
    if (engine != of) {
      throw new IllegalArgumentException("the batch is of another engine: make it with this one");
    }
    checkOpen();
    checkNoStep();
  }

  private void checkNoStep() {
    if (step != null) {
      throw new IllegalStateException(
          "the batch has a resident step, which alone appends and attends: close it first");
    }
  }

  /** From now on a step has the batch, or with null none. */
  void hold(@Nullable ResidentStep holder) {
    step = holder;
  }

  StepLayer layer(@Nullable StepKernels kernels) {
    return new StepLayer(stored, view, kernels);
  }

  void checkRoomForOne() {
    for (int s = 0; s < size(); s++) {
      checkRoom(s, 1);
    }
  }

  private void checkRoom(int sequence, int more) {
    if (more > capacity - lengths[sequence]) {
      throw new IllegalStateException(
          "sequence %d has %d tokens and cannot take %d more: the capacity is %d"
              .formatted(sequence, lengths[sequence], more, capacity));
    }
  }

  /** Counts that many more tokens of every sequence. */
  void advance(int tokens) {
    for (int s = 0; s < size(); s++) {
      lengths[s] += tokens;
    }
  }

  private void checkOpen() {
    engine.checkOpen();
    Checks.open(!closed, "the batch");
  }

  /**
   * Equal counts for a tensor [sequences, heads, headDim] or [sequences, tokens, heads, headDim].
   */
  private int[] uniform(String name, Tensor tensor) {
    Arrays.fill(counts, TensorChecks.tokensEach(name, tensor, size(), engine.shape().headDim()));
    return counts;
  }

  private long rows(int[] newTokens) {
    if (newTokens.length != size()) {
      throw new IllegalArgumentException(
          "newTokens has " + newTokens.length + " entries, but there are " + size() + " sequences");
    }
    long rows = 0;
    for (int count : newTokens) {
      Checks.range("newTokens", count, 0, Integer.MAX_VALUE);
      rows += count;
    }
    return rows;
  }

  /** As many tokens of every sequence as an array holds. */
  private Tensor tokens(String name, float[] array, int heads) {
    int headDim = engine.shape().headDim();
    long row = (long) size() * heads * headDim;
    TensorChecks.wholeRows(
        name, array, row, size() + " sequences x " + heads + " heads x " + headDim);
    return Tensor.of(array, size(), array.length / row, heads, headDim);
  }

  /** The backend's live view. */
  private final class View implements BatchView {
    @Override
    public int sequences() {
      return lengths.length;
    }

    @Override
    public int length(int sequence) {
      return lengths[sequence];
    }

    @Override
    public @Nullable BackendPrefix prefix(int sequence) {
      Prefix prefix = prefixes[sequence];
      return prefix == null ? null : prefix.stored;
    }

    @Override
    public long attachments() {
      return attachments;
    }
  }
}
