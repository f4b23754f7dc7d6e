package io.github.hydragen.tornado;

import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.graph.Placer;
import io.github.hydragen.tornado.graph.Placer.Placement;
import io.github.hydragen.tornado.graph.StepGraph;
import io.github.hydragen.tornado.plan.Growing;
import io.github.hydragen.tornado.plan.Lengths;
import io.github.hydragen.tornado.plan.StepPlan;
import io.github.hydragen.tornado.plan.StepPlanner;
import io.github.hydragen.tornado.plan.StepSize;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.TokenRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A batch while a step on the device has it: its arrays, and which tokens only the device has. */
final class ResidentLayer implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final DeviceStep step;
  private final DeviceBatch batch;
  private final BatchView view;
  private final Layout layout;
  private final Placer placer;
  private final Placement placement;
  private final StepGraph attention;
  private final StepPlanner planner;
  private final TokenRows queryRows;
  private final long attachments;

  /** The first token of each sequence that the host does not have; without any, the capacity. */
  private final int[] unknown;

  /** Whether suffixes grow on the device, which then needs nothing but their lengths. */
  private final boolean grows;

  private final Lengths lengths;

  /** Takes a batch over. */
  ResidentLayer(
      EngineDevice engine, DeviceStep step, DeviceBatch batch, BatchView view, Lengths lengths) {
    this.step = step;
    this.batch = batch;
    this.view = view;
    this.lengths = lengths;
    this.layout = engine.layout();
    this.placer = batch.placer();
    this.attachments = view.attachments();
    this.queryRows =
        new TokenRows(layout.shape().queryHeads(), layout.shape().headDim(), layout.paddedDim());
    unknown = new int[view.sequences()];
    Arrays.fill(unknown, Integer.MAX_VALUE);
    batch.lend(this);
    try {
      placement = placer.place(view, batch.suffixes().all().size(), false, false);
    } catch (RuntimeException | Error e) {
      batch.lend(null);
      throw e;
    }
    try {
      StepSize size = placement.size();
      planner = placer.planner(placement.pool(), size.items()::containsKey);
      StepPlan plan = placer.oneEach(planner, view);
      Growing growing = planner.growing(plan, lengths);
      grows = growing != null;
      attention =
          new StepGraph(
              arena,
              layout,
              placer.shape(),
              size,
              placement.prefixes(),
              batch.suffixes(),
              engine.hardware().computeUnits(),
              false,
              growing);
      attention.step().write(plan);
      if (grows) {
        Growing.openEnded(plan, attention.step());
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Bytes of its arrays on the device. */
  long bytes() {
    return placement.bytes() + batch.suffixBytes();
  }

  /** Whether all sequences fit in one execution. */
  boolean fits() {
    return view.sequences() <= placement.size().tokens();
  }

  StepGraph attention() {
    return attention;
  }

  /** The lengths that an execution sends; null if it sends the array of ints. */
  @Nullable IntArray sentLengths() {
    return grows ? lengths.array() : null;
  }

  int tokens() {
    return placement.size().tokens();
  }

  /** Checks that sequences are attached as they were. */
  void check() {
    if (view.attachments() != attachments) {
      throw new IllegalStateException(
          "a sequence was attached or detached since the step was made: close it, make another");
    }
  }

  /** Writes the ints of the next execution. */
  void prepare() {
    if (!grows) {
      attention.step().write(placer.oneEach(planner, view));
      placer.suffixShape().writeTargets(attention.step(), view);
    }
    lengths.write(view);
    for (int s = 0; s < unknown.length; s++) {
      unknown[s] = Math.min(unknown[s], view.length(s) - 1);
    }
  }

  /**
   * The execution that was prepared failed: nobody knows what the device has now. Tokens that only
   * it had are lost, and the batch with them.
   */
  void failed(String why) {
    for (int s = 0; s < unknown.length; s++) {
      if (unknown[s] < view.length(s) - 1) {
        batch.lose(why);
      }
    }
    Arrays.fill(unknown, Integer.MAX_VALUE);
  }

  /** Copies outputs of the last execution, which the host has by now. */
  void results(Tensor out, @Nullable Tensor lse) {
    queryRows.read(attention.out().getSegment(), 0, out, 0, view.sequences());
    if (lse != null) {
      long bytes = (long) view.sequences() * layout.shape().queryHeads() * Float.BYTES;
      MemorySegment.copy(attention.lse().getSegment(), 0, lse.segment(), 0, bytes);
    }
  }

  /** Has the host get the tokens of a sequence that only the device has. */
  void refresh(int sequence) {
    int first = unknown[sequence];
    int count = view.length(sequence) - first;
    unknown[sequence] = Integer.MAX_VALUE;
    if (count > 0) {
      long token = (long) sequence * placer.suffixShape().capacity() + first;
      KvStore store = batch.suffixes().at(token);
      long row = layout.kvRow() * (long) layout.storage().bytes() / store.keys().getElementSize();
      long at = batch.suffixes().within(token) * row;
      batch.forget(s -> s == sequence ? first : Integer.MAX_VALUE);
      step.read(this, store.keys(), at, count * row);
      step.read(this, store.values(), at, count * row);
    }
  }

  /** {@link #refresh(int)} of all sequences. */
  void refresh() {
    for (int s = 0; s < unknown.length; s++) {
      refresh(s);
    }
  }

  /** Frees the arrays; the device has freed its own before. */
  @Override
  public void close() {
    batch.lend(null);
    placement.close();
    arena.close();
  }
}
