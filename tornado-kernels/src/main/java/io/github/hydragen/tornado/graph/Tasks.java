package io.github.hydragen.tornado.graph;

import io.github.hydragen.DataType;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.kernels.JointPassBF16;
import io.github.hydragen.tornado.kernels.JointPassF16;
import io.github.hydragen.tornado.kernels.KvShape;
import io.github.hydragen.tornado.kernels.MatrixPass;
import io.github.hydragen.tornado.kernels.Merge;
import io.github.hydragen.tornado.kernels.StreamPassF16;
import io.github.hydragen.tornado.kernels.StreamPassF32;
import io.github.hydragen.tornado.kernels.SuffixMatrixBF16;
import io.github.hydragen.tornado.kernels.SuffixMatrixF16;
import io.github.hydragen.tornado.kernels.SuffixPassBF16;
import io.github.hydragen.tornado.kernels.SuffixPassF16;
import io.github.hydragen.tornado.kernels.SuffixRowBF16;
import io.github.hydragen.tornado.kernels.SuffixRowF16;
import io.github.hydragen.tornado.kernels.TilePassF16;
import io.github.hydragen.tornado.kernels.TilePassF32;
import io.github.hydragen.tornado.plan.Pass;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PackedKeys;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Adds kernels to a task graph, those of the engine's storage type. */
public final class Tasks {
  private final GraphPart part;
  private final TaskGraph graph;
  private final KernelContext context;
  private final DataType storage;
  private final boolean tuned;
  private final int queryHeads;
  private final int kvHeads;
  private final int headDim;
  private final int slots;
  private final int streamRows;
  private final float scale;
  private final float cap;

  /** Tasks of a part of a graph, in which a token has so many slots. */
  public Tasks(GraphPart part, KernelContext context, Layout layout, PassShape shape, int slots) {
    this.part = part;
    this.graph = part.graph();
    this.context = context;
    this.storage = layout.storage();
    this.tuned = layout.tuned();
    this.queryHeads = layout.shape().queryHeads();
    this.kvHeads = layout.shape().kvHeads();
    this.headDim = layout.paddedDim();
    this.slots = layout.stateSlots(slots);
    this.streamRows = shape.streamRows();
    this.scale = layout.scale();
    this.cap = layout.options().logitSoftCap();
  }

  /** A pass over stored keys and values: of prefixes that are not packed, or of suffixes. */
  public void attend(
      Pass pass,
      FloatArray queries,
      KvStore store,
      IntArray step,
      int firstItem,
      FloatArray states,
      FloatArray lses,
      FloatArray out,
      FloatArray outLses) {
    String name = part.name(pass.taskName());
    if (tuned) {
      suffix(name, queries, store, step, firstItem, states, lses, out, outLses);
    } else if (pass.tiled()) {
      tile(name, queries, store, step, firstItem, states, lses);
    } else {
      stream(name, queries, store, step, firstItem, states, lses);
    }
  }

  /** The pass over packed prefixes and suffixes, side by side. */
  void joint(
      String name,
      FloatArray queries,
      PackedKeys prefixes,
      KvStore suffixes,
      IntArray step,
      IntArray turns,
      FloatArray states,
      FloatArray lses) {
    if (storage == DataType.F16) {
      graph.task(
          part.name(name),
          JointPassF16::attend,
          context,
          queries,
          prefixes.tiles(),
          prefixes.scales(),
          (HalfFloatArray) suffixes.keys(),
          (HalfFloatArray) suffixes.values(),
          step,
          turns,
          states,
          lses,
          kvHeads,
          headDim,
          slots,
          scale,
          cap);
    } else {
      graph.task(
          part.name(name),
          JointPassBF16::attend,
          context,
          queries,
          prefixes.tiles(),
          prefixes.scales(),
          (LongArray) suffixes.keys(),
          (LongArray) suffixes.values(),
          step,
          turns,
          states,
          lses,
          kvHeads,
          headDim,
          slots,
          scale,
          cap);
    }
  }

  /** The pass over packed prefixes alone. */
  public void prefix(
      Pass pass,
      FloatArray queries,
      PackedKeys store,
      IntArray step,
      int firstItem,
      FloatArray states,
      FloatArray lses) {
    graph.task(
        part.name(pass.taskName()),
        MatrixPass::attend,
        context,
        queries,
        store.tiles(),
        store.scales(),
        step,
        firstItem,
        states,
        lses,
        queryHeads,
        kvHeads,
        headDim,
        slots,
        scale,
        cap);
  }

  private void suffix(
      String name,
      FloatArray queries,
      KvStore store,
      IntArray step,
      int firstItem,
      FloatArray states,
      FloatArray lses,
      FloatArray out,
      FloatArray outLses) {
    int kvShape = KvShape.of(kvHeads, headDim);
    if (streamRows == 1 && storage == DataType.F16) {
      graph.task(
          name,
          SuffixRowF16::attend,
          context,
          queries,
          (HalfFloatArray) store.keys(),
          (HalfFloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          kvHeads,
          headDim,
          slots,
          scale,
          cap);
    } else if (streamRows == 1) {
      graph.task(
          name,
          SuffixRowBF16::attend,
          context,
          queries,
          (LongArray) store.keys(),
          (LongArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          kvHeads,
          headDim,
          slots,
          scale,
          cap);
    } else if (streamRows > SuffixPassBF16.MAX_ROWS && storage == DataType.F16) {
      graph.task(
          name,
          SuffixMatrixF16::attend,
          context,
          queries,
          (HalfFloatArray) store.keys(),
          (HalfFloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          out,
          outLses,
          queryHeads,
          kvShape,
          slots,
          scale,
          cap);
    } else if (storage == DataType.F16) {
      graph.task(
          name,
          SuffixPassF16::attend,
          context,
          queries,
          (HalfFloatArray) store.keys(),
          (HalfFloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          out,
          outLses,
          queryHeads,
          kvShape,
          slots,
          scale,
          cap);
    } else if (streamRows > SuffixPassBF16.MAX_ROWS) {
      graph.task(
          name,
          SuffixMatrixBF16::attend,
          context,
          queries,
          (LongArray) store.keys(),
          (LongArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          out,
          outLses,
          queryHeads,
          kvShape,
          slots,
          scale,
          cap);
    } else {
      graph.task(
          name,
          SuffixPassBF16::attend,
          context,
          queries,
          (LongArray) store.keys(),
          (LongArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          out,
          outLses,
          queryHeads,
          kvShape,
          slots,
          scale,
          cap);
    }
  }

  private void tile(
      String name,
      FloatArray queries,
      KvStore store,
      IntArray step,
      int firstItem,
      FloatArray states,
      FloatArray lses) {
    if (storage == DataType.F16) {
      graph.task(
          name,
          TilePassF16::attend,
          context,
          queries,
          (HalfFloatArray) store.keys(),
          (HalfFloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          queryHeads,
          kvHeads,
          headDim,
          slots,
          scale,
          cap);
    } else {
      graph.task(
          name,
          TilePassF32::attend,
          context,
          queries,
          (FloatArray) store.keys(),
          (FloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          queryHeads,
          kvHeads,
          headDim,
          slots,
          scale,
          cap);
    }
  }

  private void stream(
      String name,
      FloatArray queries,
      KvStore store,
      IntArray step,
      int firstItem,
      FloatArray states,
      FloatArray lses) {
    if (storage == DataType.F16) {
      graph.task(
          name,
          StreamPassF16::attend,
          context,
          queries,
          (HalfFloatArray) store.keys(),
          (HalfFloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          queryHeads,
          kvHeads,
          headDim,
          slots,
          streamRows,
          scale,
          cap);
    } else {
      graph.task(
          name,
          StreamPassF32::attend,
          context,
          queries,
          (FloatArray) store.keys(),
          (FloatArray) store.values(),
          step,
          firstItem,
          states,
          lses,
          queryHeads,
          kvHeads,
          headDim,
          slots,
          streamRows,
          scale,
          cap);
    }
  }

  /** The merge of partial states to outputs. */
  public void merge(
      String name,
      FloatArray states,
      FloatArray lses,
      IntArray step,
      int firstCount,
      FloatArray out,
      FloatArray lse) {
    graph.task(
        part.name(name),
        Merge::merge,
        context,
        states,
        lses,
        step,
        firstCount,
        out,
        lse,
        Math.toIntExact(lse.getSize()),
        queryHeads,
        headDim,
        slots);
  }
}
