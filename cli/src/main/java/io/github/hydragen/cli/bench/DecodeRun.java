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
import io.github.hydragen.cli.console.GivenNames;
import io.github.hydragen.spi.HostMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A batch that decodes by one method, in every layer of a model.
 *
 * <p>The whole output is stored at once; a step at any length is then made by truncation. So the
 * memory is touched before anything is timed, and no time goes into decoding up to that length.
 */
final class DecodeRun implements AutoCloseable {
  /** A layer, with outputs of its own so that each can be checked. */
  private record Layer(SequenceBatch batch, Tensor out, Tensor lse) {}

  private final Workload workload;
  private final Method method;
  private final SyntheticTokens tokens;
  private final TokenStaging staging;
  private final AttentionEngine engine;
  private final List<Layer> layers = new ArrayList<>();
  private final ExactCheck check;
  private final Arena arena = Arena.ofShared();
  private final boolean stays;
  private @Nullable ResidentStep resident;

  /** The step whose queries and new tokens the device has, 0 before the first. */
  private int uploaded;

  /**
   * A run.
   *
   * <p>Takes all memory: what is staged, then the prefixes, then the batches, so that each is
   * checked against what is left.
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
    this.workload = workload;
    this.method = method;
    this.tokens = tokens;
    this.stays = stays;
    this.check = new ExactCheck(tokens, shape, options);
    this.engine = AttentionEngine.open(shape, options);
    try {
      HostMemory.require(
          "staging a step", TokenStaging.bytes(workload), "choose a smaller --batch");
      this.staging = new TokenStaging(arena, tokens, workload);
      long rows = (long) workload.layers() * workload.batch();
      Tensor out = Tensor.allocate(arena, DataType.F32, rows, shape.queryHeads(), shape.headDim());
      Tensor lse = Tensor.allocate(arena, DataType.F32, rows, shape.queryHeads());
      requireCache();
      List<Prefix> prefixes = method == Method.HYDRAGEN ? sharedPrefixes() : List.of();
      for (int i = 0; i < workload.layers(); i++) {
        SequenceBatch batch = batch();
        batch.attachAll(prefixes.isEmpty() ? null : prefixes.get(i));
        long row = (long) i * workload.batch();
        long end = row + workload.batch();
        layers.add(new Layer(batch, out.rows(row, end), lse.rows(row, end)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private SequenceBatch batch() {
    return GivenNames.in(
        () -> engine.batch(workload.batch(), workload.capacity(method)),
        Map.of("capacity", method == Method.FLASH ? "--prefix plus --output" : "--output"));
  }

  /**
   * Layers are refused together, before the first is made. Each is checked when it is made too, but
   * of the backends only cpu counts what it promised to those before and has not written to yet.
   */
  private void requireCache() {
    if (workload.layers() > 1) {
      HostMemory.require(
          "a KV cache of " + workload.layers() + " layers",
          workload.kvBytes(method),
          "choose fewer --layers or a smaller --batch, --prefix or --output");
    }
  }

  /** A prefix for each layer, all of the same tokens. */
  private List<Prefix> sharedPrefixes() {
    AttentionShape shape = workload.shape();
    long[] dims = {workload.prefix(), shape.kvHeads(), shape.headDim()};
    HostMemory.require(
        "staging the prefix",
        workload.prefix() * workload.tokenBytes(),
        "choose a smaller --prefix");
    try (Arena temporary = Arena.ofShared()) {
      Tensor k = Tensor.allocate(temporary, workload.dtype(), dims);
      Tensor v = Tensor.allocate(temporary, workload.dtype(), dims);
      for (int t = 0; t < workload.prefix(); t++) {
        tokens.copy(Kind.KEY, TokenStaging.PREFIX, t, k.rows(t, t + 1).segment());
        tokens.copy(Kind.VALUE, TokenStaging.PREFIX, t, v.rows(t, t + 1).segment());
      }
      return Stream.generate(() -> engine.prefix(k, v)).limit(workload.layers()).toList();
    }
  }

  /** Stores the whole output, and before it the prefix where every sequence has its own. */
  void fill(DoubleConsumer progress) {
    if (method == Method.FLASH) {
      append(true, 0, workload.prefix(), progress);
    }
    append(false, 0, workload.output(), progress);
    if (stays) {
      resident =
          engine.residentStep(
              layers.stream().map(layer -> new ResidentStep.Layer(layer.batch, null)).toList());
    }
  }

  /** Stores what has been truncated again, so that any step can follow. */
  void refill() {
    int stored = first().length(0) - (workload.capacity(method) - workload.output());
    append(false, stored, workload.output(), part -> {});
  }

  /** Has the device's kernels timed, if they can be; before anything is stored. */
  void timeKernels() {
    engine.timeKernels(true);
  }

  private void append(boolean shared, int from, int total, DoubleConsumer progress) {
    for (int position = from; position < total; ) {
      int count = Math.min(staging.chunk(), total - position);
      Tensor k = staging.keys(shared, position, count);
      Tensor v = staging.values(shared, position, count);
      layers.forEach(layer -> layer.batch.append(k, v));
      position += count;
      progress.accept((double) first().length(0) / first().capacity());
    }
  }

  /**
   * Decodes one token of every sequence: one layer after the other.
   *
   * @param step 1 to output, at most the present number of output tokens plus 1
   * @return nanoseconds of the append and the attention in all layers; what stays on the device is
   *     there before
   */
  long step(int step) {
    int before = workload.capacity(method) - workload.output() + step - 1;
    for (Layer layer : layers) {
      for (int s = 0; s < workload.batch(); s++) {
        layer.batch.truncate(s, before);
      }
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
    for (Layer layer : layers) {
      layer.batch.append(k, v);
      layer.batch.attend(q, layer.out, layer.lse);
    }
    return System.nanoTime() - start;
  }

  private long stepOnDevice(ResidentStep onDevice, int step) {
    if (uploaded != step) {
      Tensor q = staging.queries(step - 1);
      Tensor k = staging.keys(false, step - 1, 1);
      Tensor v = staging.values(false, step - 1, 1);
      for (int i = 0; i < layers.size(); i++) {
        onDevice.upload(i, q, k, v);
      }
      uploaded = step;
    }
    long start = System.nanoTime();
    onDevice.execute();
    return System.nanoTime() - start;
  }

  /** Compares random rows of each layer's last result, which was that of {@code step}. */
  WorstError check(int step, int rows, long seed) {
    ResidentStep onDevice = resident;
    SplittableRandom random = new SplittableRandom(seed + step);
    WorstError worst = WorstError.NONE;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      if (onDevice != null) {
        onDevice.download(i, layer.out, layer.lse);
      }
      for (int r = 0; r < rows; r++) {
        worst = worst.max(checkRow(layer, step, random));
      }
    }
    return worst;
  }

  private WorstError checkRow(Layer layer, int step, SplittableRandom random) {
    int sequence = random.nextInt(workload.batch());
    int head = random.nextInt(workload.shape().queryHeads());
    List<Span> spans =
        List.of(new Span(TokenStaging.PREFIX, workload.prefix()), new Span(sequence, step));
    return check.row(spans, sequence, step - 1, 1, sequence, head, layer.out, layer.lse);
  }

  /** Nanoseconds that timed kernels have run on the device so far. */
  long kernelNanos() {
    return engine.kernelNanos().orElse(0);
  }

  /** The plan of a layer: all have the same. */
  AttentionPlan plan() {
    return first().plan();
  }

  private SequenceBatch first() {
    return layers.getFirst().batch;
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
