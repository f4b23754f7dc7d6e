package io.github.hydragen.tornado.graph;

import io.github.hydragen.DataType;
import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.kernels.Append;
import io.github.hydragen.tornado.kernels.Growth;
import io.github.hydragen.tornado.plan.Growing;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Adds the kernels that write new tokens to a task graph, those of the engine's storage type. */
final class AppendTasks {
  private final GraphPart part;
  private final TaskGraph graph;
  private final KernelContext context;
  private final DataType storage;
  private final int kvRow;

  AppendTasks(GraphPart part, KernelContext context, Layout layout) {
    this.part = part;
    this.graph = part.graph();
    this.context = context;
    this.storage = layout.storage();
    this.kvRow = layout.kvRow();
  }

  /** Threads for the elements of new tokens, or for four of them at a time. */
  static long threads(Layout layout, int tokens) {
    return tokens * (long) layout.kvRow() / layout.elementsOfThread();
  }

  /**
   * Writes new tokens to a store.
   *
   * @param firstTarget the int of where the first goes
   */
  void append(String name, KvStore tokens, IntArray step, int firstTarget, KvStore to) {
    if (storage == DataType.BF16) {
      graph.task(
          part.name(name),
          Append::appendBF16,
          context,
          (LongArray) tokens.keys(),
          (LongArray) tokens.values(),
          step,
          firstTarget,
          (LongArray) to.keys(),
          (LongArray) to.values(),
          kvRow / 4);
    } else if (storage == DataType.F16) {
      graph.task(
          part.name(name),
          Append::appendF16,
          context,
          (HalfFloatArray) tokens.keys(),
          (HalfFloatArray) tokens.values(),
          step,
          firstTarget,
          (HalfFloatArray) to.keys(),
          (HalfFloatArray) to.values(),
          kvRow);
    } else {
      graph.task(
          part.name(name),
          Append::appendF32,
          context,
          (FloatArray) tokens.keys(),
          (FloatArray) tokens.values(),
          step,
          firstTarget,
          (FloatArray) to.keys(),
          (FloatArray) to.values(),
          kvRow);
    }
  }

  /**
   * Lets the suffixes of a store grow by a token each.
   *
   * @param tokens the new ones of all sequences
   * @param firstItem the int of the store's first item
   */
  void grow(
      String name,
      KvStore tokens,
      Growing growing,
      int store,
      KvStore to,
      IntArray work,
      int firstItem) {
    int first = growing.firstSequence(store);
    int sequences = growing.sequencesOf(store);
    int capacity = growing.shape().capacity();
    int parts = growing.shape().parts();
    if (storage == DataType.BF16) {
      graph.task(
          part.name(name),
          Growth::growBF16,
          context,
          (LongArray) tokens.keys(),
          (LongArray) tokens.values(),
          growing.lengths().array(),
          growing.lengths().first(),
          first,
          sequences,
          capacity,
          (LongArray) to.keys(),
          (LongArray) to.values(),
          kvRow / 4,
          work,
          firstItem,
          parts,
          growing.itemsOfPart());
    } else if (storage == DataType.F16) {
      graph.task(
          part.name(name),
          Growth::growF16,
          context,
          (HalfFloatArray) tokens.keys(),
          (HalfFloatArray) tokens.values(),
          growing.lengths().array(),
          growing.lengths().first(),
          first,
          sequences,
          capacity,
          (HalfFloatArray) to.keys(),
          (HalfFloatArray) to.values(),
          kvRow,
          work,
          firstItem,
          parts,
          growing.itemsOfPart());
    } else {
      graph.task(
          part.name(name),
          Growth::growF32,
          context,
          (FloatArray) tokens.keys(),
          (FloatArray) tokens.values(),
          growing.lengths().array(),
          growing.lengths().first(),
          first,
          sequences,
          capacity,
          (FloatArray) to.keys(),
          (FloatArray) to.values(),
          kvRow,
          work,
          firstItem,
          parts,
          growing.itemsOfPart());
    }
  }
}
