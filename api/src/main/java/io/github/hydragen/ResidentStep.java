package io.github.hydragen;

import io.github.hydragen.spi.BackendStep;
import io.github.hydragen.spi.StepLayer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decode step whose queries, new tokens and outputs stay on the device, so that nothing of them
 * crosses the bus: one new token of every sequence is appended and attends, in one batch or in one
 * batch for each layer of a model. Backends {@code tornado} and {@code simulator} have such steps.
 *
 * <p>The tensors are written and read by a model's own kernels ({@link StepKernels}) or, without
 * any, by {@link #upload} and {@link #download}. Lengths advance as with {@link
 * SequenceBatch#append}. While a step is open, its batches can be truncated and promoted, but
 * neither appended to nor attended with in any other way; when a sequence is attached to another
 * prefix, the step must be closed and made again.
 */
public final class ResidentStep implements AutoCloseable {
  /**
   * A layer of a model.
   *
   * @param batch the batch that holds its keys and values
   * @param kernels of the backend, run before and after the attention; null in all layers of a step
   *     that is fed by {@link #upload(int, Tensor, Tensor, Tensor)}
   */
  public record Layer(SequenceBatch batch, @Nullable StepKernels kernels) {}

  private final AttentionEngine engine;
  private final List<Layer> layers;
  private final BackendStep step;
  private boolean closed;

  /** Made with the engine's lock held; takes over the batches of the layers. */
  ResidentStep(AttentionEngine engine, List<Layer> layers) {
    this.engine = engine;
    this.layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("a step needs a layer: there is none");
    }
    for (Layer layer : layers) {
      layer.batch().checkFree(engine);
      if ((layer.kernels() == null) != (layers.get(0).kernels() == null)) {
        throw new IllegalArgumentException(
            "some layers have kernels and some have none: give kernels to all, or upload to all");
      }
    }
    if (layers.stream().map(Layer::batch).distinct().count() < layers.size()) {
      throw new IllegalArgumentException("a batch is in two layers: give each layer its own");
    }
    List<StepLayer> parts =
        layers.stream().map(layer -> layer.batch().layer(layer.kernels())).toList();
    this.step = engine.backend.residentStep(parts);
    layers.forEach(layer -> layer.batch().hold(this));
  }

  /**
   * {@link #upload(int, Tensor, Tensor, Tensor)} of the first layer, for a step of one.
   *
   * @param q queries, [sequences, queryHeads, headDim] of any type
   * @param k new keys, [sequences, kvHeads, headDim], rounded to the storage type
   * @param v new values, like {@code k}
   * @throws IllegalStateException if the step has kernels, which write them
   */
  public void upload(Tensor q, Tensor k, Tensor v) {
    upload(0, q, k, v);
  }

  /**
   * Copies queries and new tokens of a layer to the device, where they stay: each {@link #execute}
   * reads them.
   *
   * @param layer its number, from 0
   * @param q queries, [sequences, queryHeads, headDim] of any type
   * @param k new keys, [sequences, kvHeads, headDim], rounded to the storage type
   * @param v new values, like {@code k}
   * @throws IllegalStateException if the step has kernels, which write them
   */
  public void upload(int layer, Tensor q, Tensor k, Tensor v) {
    Checks.index("layer", layer, layers.size());
    engine.lock.lock();
    try {
      checkOpen();
      if (layers.get(layer).kernels() != null) {
        throw new IllegalStateException("the step's kernels write its tensors: do not upload");
      }
      int sequences = layers.get(layer).batch().size();
      AttentionShape shape = engine.shape();
      TensorChecks.rows("q", q, sequences, shape.queryHeads(), shape.headDim());
      TensorChecks.rows("k", k, sequences, shape.kvHeads(), shape.headDim());
      TensorChecks.rows("v", v, sequences, shape.kvHeads(), shape.headDim());
      try (SharedTensors shared = new SharedTensors()) {
        step.upload(layer, shared.source("q", q), shared.source("k", k), shared.source("v", v));
      }
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Appends one token to every sequence and attends with it.
   *
   * @throws IllegalStateException if a sequence would exceed the capacity, if a sequence was
   *     attached elsewhere since the step was made, or if a layer without kernels has not been
   *     uploaded to yet; nothing is changed then
   */
  public void execute() {
    engine.lock.lock();
    try {
      checkOpen();
      layers.forEach(layer -> layer.batch().checkRoomForOne());
      layers.forEach(layer -> layer.batch().advance(1));
      boolean done = false;
      try {
        step.execute();
        done = true;
      } finally {
        if (!done) {
          layers.forEach(layer -> layer.batch().advance(-1));
        }
      }
    } finally {
      engine.lock.unlock();
    }
  }

  /**
   * Copies the outputs of the last {@link #execute} to the host, those of the first layer.
   *
   * @param out overwritten, [sequences, queryHeads, headDim] of any type
   * @param lse overwritten, F32 [sequences, queryHeads], natural logarithm; or null
   * @throws IllegalStateException before the first {@link #execute}
   */
  public void download(Tensor out, @Nullable Tensor lse) {
    download(0, out, lse);
  }

  /**
   * {@link #download(Tensor, Tensor)} of a layer.
   *
   * @param layer its number, from 0
   * @throws IllegalStateException before the first {@link #execute}
   */
  public void download(int layer, Tensor out, @Nullable Tensor lse) {
    Checks.index("layer", layer, layers.size());
    engine.lock.lock();
    try {
      checkOpen();
      long rows = layers.get(layer).batch().size();
      AttentionShape shape = engine.shape();
      TensorChecks.rows("out", out, rows, shape.queryHeads(), shape.headDim());
      TensorChecks.writable("out", out);
      TensorChecks.lse(lse, rows, shape.queryHeads());
      try (SharedTensors shared = new SharedTensors()) {
        Tensor sharedLse = lse == null ? null : shared.target("lse", lse);
        step.download(layer, shared.target("out", out), sharedLse);
        shared.copyBack();
      }
    } finally {
      engine.lock.unlock();
    }
  }

  /** Frees what it holds; its batches keep the tokens. Further calls do nothing. */
  @Override
  public void close() {
    engine.lock.lock();
    try {
      if (!closed) {
        closed = true;
        layers.forEach(layer -> layer.batch().hold(null));
        step.close();
      }
    } finally {
      engine.lock.unlock();
    }
  }

  private void checkOpen() {
    engine.checkOpen();
    Checks.open(!closed, "the step");
  }
}
