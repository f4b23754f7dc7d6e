package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Prefix;
import io.github.hydragen.ResidentStep;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.ExactCheck;
import io.github.hydragen.cli.check.SyntheticKeys.Span;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import io.github.hydragen.cli.check.WorstError;
import io.github.hydragen.spi.HostMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch that decodes by one method.
 *
 * <p>The whole output is stored at once; a step at any length is then made by truncation. So the
 * memory is touched before anything is timed, and no time goes into decoding up to that length.
 */
final class DecodeRun implements AutoCloseable {
  private final Workload workload;
  private final Method method;
  private final SyntheticTokens tokens;
  private final TokenStaging staging;
  private final AttentionEngine engine;
  private final SequenceBatch batch;
  private final ExactCheck check;
  private final Arena arena = Arena.ofShared();
  private final Tensor out;
  private final Tensor lse;
  private final boolean stays;
  private @Nullable ResidentStep resident;

  /** The step whose queries and new tokens the device has, 0 before the first. */
  private int uploaded;

  /**
   * A run.
   *
   * <p>Takes all memory: what is staged, then the prefix, then the batch, so that each is checked
   * against what is left.
   *
   * @param stays whether queries, new tokens and outputs stay on the device while a step is timed
   * @throws InsufficientMemoryException before the part that does not fit is allocated
   */
  DecodeRun(
      Workload workload,
      Method method,
      EngineOptions options,
      SyntheticTokens tokens,
      boolean stays) {
    AttentionShape shape = workload.shape();
    long[] rows = {workload.batch(), shape.queryHeads(), shape.headDim()};
    this.workload = workload;
    this.method = method;
    this.tokens = tokens;
    this.stays = stays;
    this.check = new ExactCheck(tokens, shape, options);
    this.engine = AttentionEngine.open(shape, options);
    try {
      HostMemory.require("staging a step", TokenStaging.bytes(workload));
      this.staging = new TokenStaging(arena, tokens, workload);
      this.out = Tensor.allocate(arena, DataType.F32, rows);
      this.lse = Tensor.allocate(arena, DataType.F32, rows[0], rows[1]);
      Prefix prefix = method == Method.HYDRAGEN ? sharedPrefix() : null;
      this.batch = engine.batch(workload.batch(), workload.capacity(method));
      batch.attachAll(prefix);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Prefix sharedPrefix() {
    AttentionShape shape = workload.shape();
    long[] dims = {workload.prefix(), shape.kvHeads(), shape.headDim()};
    HostMemory.require("staging the prefix", workload.prefix() * workload.tokenBytes());
    try (Arena temporary = Arena.ofShared()) {
      Tensor k = Tensor.allocate(temporary, workload.dtype(), dims);
      Tensor v = Tensor.allocate(temporary, workload.dtype(), dims);
      for (int t = 0; t < workload.prefix(); t++) {
        tokens.copy(Kind.KEY, TokenStaging.PREFIX, t, k.rows(t, t + 1).segment());
        tokens.copy(Kind.VALUE, TokenStaging.PREFIX, t, v.rows(t, t + 1).segment());
      }
      return engine.prefix(k, v);
    }
  }

  /** Stores the whole output, and before it the prefix where every sequence has its own. */
  void fill(DoubleConsumer progress) {
    if (method == Method.FLASH) {
      append(true, 0, workload.prefix(), progress);
    }
    append(false, 0, workload.output(), progress);
    if (stays) {
      resident = batch.residentStep();
    }
  }

  /** Stores what has been truncated again, so that any step can follow. */
  void refill() {
    int stored = batch.length(0) - (workload.capacity(method) - workload.output());
    append(false, stored, workload.output(), part -> {});
  }

  /** Has the device's kernels timed, if they can be; before anything is stored. */
  void timeKernels() {
    engine.timeKernels(true);
  }

  private void append(boolean shared, int from, int total, DoubleConsumer progress) {
    for (int position = from; position < total; ) {
      int count = Math.min(staging.chunk(), total - position);
      batch.append(staging.keys(shared, position, count), staging.values(shared, position, count));
      position += count;
      progress.accept((double) batch.length(0) / batch.capacity());
    }
  }

  /**
   * Decodes one token of every sequence.
   *
   * @param step 1 to output, at most the present number of output tokens plus 1
   * @return nanoseconds of the append and the attention; what stays on the device is there before
   */
  long step(int step) {
    int before = workload.capacity(method) - workload.output() + step - 1;
    for (int s = 0; s < batch.size(); s++) {
      batch.truncate(s, before);
    }
    ResidentStep onDevice = resident;
    return onDevice == null ? stepFromHost(step) : stepOnDevice(onDevice, step);
  }

  /** Has the next step upload, whichever it is. */
  void forgetUpload() {
    uploaded = 0;
  }

  private long stepFromHost(int step) {
    Tensor k = staging.keys(false, step - 1, 1);
    Tensor v = staging.values(false, step - 1, 1);
    Tensor q = staging.queries(step - 1);
    long start = System.nanoTime();
    batch.append(k, v);
    batch.attend(q, out, lse);
    return System.nanoTime() - start;
  }

  private long stepOnDevice(ResidentStep onDevice, int step) {
    if (uploaded != step) {
      onDevice.upload(
          staging.queries(step - 1),
          staging.keys(false, step - 1, 1),
          staging.values(false, step - 1, 1));
      uploaded = step;
    }
    long start = System.nanoTime();
    onDevice.execute();
    return System.nanoTime() - start;
  }

  /** Compares random rows of the last result, which was that of {@code step}. */
  WorstError check(int step, int rows, long seed) {
    if (resident != null) {
      resident.download(out, lse);
    }
    SplittableRandom random = new SplittableRandom(seed + step);
    WorstError worst = WorstError.NONE;
    for (int i = 0; i < rows; i++) {
      int sequence = random.nextInt(workload.batch());
      int head = random.nextInt(workload.shape().queryHeads());
      List<Span> spans =
          List.of(new Span(TokenStaging.PREFIX, workload.prefix()), new Span(sequence, step));
      worst = worst.max(check.row(spans, sequence, step - 1, 1, sequence, head, out, lse));
    }
    return worst;
  }

  /** Nanoseconds that timed kernels have run on the device so far. */
  long kernelNanos() {
    return engine.kernelNanos().orElse(0);
  }

  AttentionPlan plan() {
    return batch.plan();
  }

  MemoryUsage memory() {
    return engine.memory();
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
