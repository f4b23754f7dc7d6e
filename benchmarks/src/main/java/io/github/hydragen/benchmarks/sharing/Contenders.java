package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionPlan;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.sharing.SharingTrial;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** An engine with a prefix, whose batches do the same step in several ways. */
final class Contenders implements AutoCloseable {
  private final Layout layout;
  private final int tokens;
  private final Arena arena = Arena.ofShared();
  private final Tensor row;
  private final AttentionEngine engine;
  private final Prefix prefix;

  /**
   * Stores the prefix.
   *
   * @param tokens of the prefix, 0 or more
   */
  Contenders(Layout layout, int tokens) {
    this.layout = layout;
    this.tokens = tokens;
    this.row = random(arena, 1);
    this.engine = AttentionEngine.open(layout.shape(), layout.options());
    try (Arena temporary = Arena.ofShared()) {
      Tensor k = random(temporary, tokens);
      this.prefix = engine.prefix(k, k);
    }
  }

  private Tensor random(Arena in, int rows) {
    Tensor tensor = Tensor.allocate(in, DataType.F32, rows, layout.kvHeads(), layout.headDim());
    SplittableRandom random = new SplittableRandom(rows);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, (float) random.nextDouble(-1, 1));
    }
    return tensor;
  }

  /**
   * Ways of a step of so many sequences: the engine's choice, shared, separate, and, if asked, with
   * the prefix in each sequence's own storage.
   */
  Ways ways(int batch, int suffix, boolean own) {
    return new Ways(batch, suffix, own);
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }

  /** The batches of one point of the grid. */
  final class Ways implements AutoCloseable {
    private final Arena memory = Arena.ofShared();
    private final Tensor k;
    private final Tensor q;
    private final Tensor out;
    private final SequenceBatch attached;
    private final @Nullable SequenceBatch own;

    private Ways(int batch, int suffix, boolean own) {
      this.k = repeat(batch, layout.kvHeads(), 1);
      this.q = repeat(batch, layout.queryHeads(), 7);
      this.out = repeat(batch, layout.queryHeads(), 1);
      this.attached = engine.batch(batch, suffix);
      attached.attachAll(prefix);
      fill(attached);
      this.own = own ? engine.batch(batch, tokens + suffix) : null;
      if (this.own != null) {
        fill(this.own);
      }
    }

    private Tensor repeat(int batch, int heads, int step) {
      Tensor tensor = Tensor.allocate(memory, DataType.F32, batch, heads, layout.headDim());
      for (long i = 0; i < tensor.elements(); i++) {
        tensor.set(i, row.get(step * i % row.elements()));
      }
      return tensor;
    }

    private void fill(SequenceBatch batch) {
      for (int t = 0; t < batch.capacity(); t++) {
        batch.append(k, k);
      }
    }

    /** Steps that can be repeated. */
    List<Runnable> steps() {
      List<Runnable> steps = new ArrayList<>();
      for (Sharing sharing : Sharing.values()) {
        steps.add(
            () -> {
              SharingTrial.force(sharing);
              attached.attend(q, out, null);
            });
      }
      SequenceBatch batch = own;
      if (batch != null) {
        steps.add(() -> batch.attend(q, out, null));
      }
      return steps;
    }

    /** What the engine does of itself: one decision, or none without a prefix. */
    List<AttentionPlan.Decision> decisions() {
      SharingTrial.force(null);
      return attached.plan().decisions();
    }

    @Override
    public void close() {
      attached.close();
      if (own != null) {
        own.close();
      }
      memory.close();
    }
  }
}
