package io.github.hydragen.tornado;

import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.graph.StepGraph;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What a model's kernels work on: the task graph of a layer and the arrays of its attention, all of
 * which stay on the device. They are valid until the step is closed.
 *
 * <p>Token {@code t} of an array is that of sequence {@code t}. There may be more tokens than
 * sequences; what they hold is never read.
 */
public final class DeviceTensors {
  private final GraphPart part;
  private final int layer;
  private final @Nullable String previous;
  private final int tokens;
  private final int headDim;
  private final StepGraph attention;

  /**
   * Of a layer.
   *
   * @param previous the name of the graph that runs before this one, if the layer is a graph's
   *     first but not the step's
   */
  DeviceTensors(
      GraphPart part,
      int layer,
      @Nullable String previous,
      int tokens,
      int headDim,
      StepGraph attention) {
    this.part = part;
    this.layer = layer;
    this.previous = previous;
    this.tokens = tokens;
    this.headDim = headDim;
    this.attention = attention;
  }

  /** The graph to which transfers and tasks are added; other layers may be in it too. */
  public TaskGraph graph() {
    return part.graph();
  }

  /** The number of the layer, from 0. */
  public int layer() {
    return layer;
  }

  /** The name of a task of this layer: as given, and the layer, as names in a graph must differ. */
  public String name(String task) {
    return part.name(task);
  }

  /**
   * Gives a task its threads. Every task needs this call: the engine counts tasks by it, to begin
   * another graph before TornadoVM's is full.
   *
   * @param task as given to {@link #name}
   */
  public void worker(String task, WorkerGrid worker) {
    part.grid().addWorkerGrid(graph().getTaskGraphName() + "." + name(task), worker);
  }

  /**
   * Keeps arrays on the device for the next layer, which {@linkplain #takeOver takes them over}. To
   * be called in {@link DeviceKernels#after}, once the tasks that write them are added.
   */
  public void handOn(Object... arrays) {
    graph().persistOnDevice(arrays);
  }

  /**
   * Has tasks of this layer use what the layer before left on the device. To be called in {@link
   * DeviceKernels#before}, before the tasks that read it are added, and not in layer 0, which
   * transfers its input.
   *
   * @param arrays the arrays that the layer before {@linkplain #handOn handed on}, in the same
   *     order: TornadoVM finds no others
   * @throws IllegalStateException in layer 0
   */
  public void takeOver(Object... arrays) {
    if (layer == 0) {
      throw new IllegalStateException(
          "there is no layer before the first to take arrays over from: transfer them to the device");
    }
    if (previous != null) {
      graph().consumeFromDevice(previous, arrays);
    }
  }

  /** Tokens of the arrays, at least the sequences of the batch. */
  public int tokens() {
    return tokens;
  }

  /**
   * Elements between the starts of heads: the head dimension rounded up to a multiple of 32, or for
   * tuned kernels to 64 or 128. What is written has zeros in the elements beyond the head
   * dimension.
   */
  public int headDim() {
    return headDim;
  }

  /** To be written, [tokens, queryHeads, headDim]. */
  public FloatArray queries() {
    return attention.queries();
  }

  /**
   * Keys of the new tokens, to be written, [tokens, kvHeads, headDim]: a {@code FloatArray} for F32
   * storage, a {@code HalfFloatArray} for F16. For BF16 it is a {@code LongArray} on devices with
   * tuned kernels, four numbers a long, the first in the lowest bits, and a {@code FloatArray} on
   * others.
   */
  public TornadoNativeArray keys() {
    return attention.newTokens().keys();
  }

  /** Like {@link #keys}. */
  public TornadoNativeArray values() {
    return attention.newTokens().values();
  }

  /** To be read, like {@link #queries}. */
  public FloatArray out() {
    return attention.out();
  }

  /** To be read, natural logarithms, [tokens, queryHeads]. */
  public FloatArray lse() {
    return attention.lse();
  }
}
