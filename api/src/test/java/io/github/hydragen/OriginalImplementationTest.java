package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two defects of the PyTorch implementation {@code shreyansh26/hydragen-attention}, and that they
 * matter: each is repeated here on otherwise exact states and compared with the exact whole.
 *
 * <p>The case: batch 8, prefix 16, suffix 16, one new token, queries times 2.
 */
class OriginalImplementationTest {
  private static final int BATCH = 8;
  private static final int TOKENS = 16;
  private static final AttentionShape SHAPE = AttentionShape.of(4, 4, 64);
  private static final int HEADS = 4;
  private static final int ROWS = BATCH * HEADS;

  private final Random random = new Random(0);
  private final Arena arena = Arena.ofConfined();
  private final AttentionEngine engine =
      AttentionEngine.open(SHAPE, EngineOptions.defaults().withBackend("reference"));
  private final Prefix prefix =
      engine.prefix(normal(TOKENS * SHAPE.kvRow(), 1), normal(TOKENS * SHAPE.kvRow(), 1));
  private final Tensor suffixKeys = tensor(normal(BATCH * TOKENS * SHAPE.kvRow(), 1), TOKENS);
  private final Tensor suffixValues = tensor(normal(BATCH * TOKENS * SHAPE.kvRow(), 1), TOKENS);
  private final float[] queries = normal(ROWS * SHAPE.headDim(), 2);

  @AfterEach
  void close() {
    engine.close();
    arena.close();
  }

  /**
   * The attention over the stacked queries returns its LSE as [heads, batch * tokens]; {@code
   * prefix_lse.view(b, hq, nq)} reads it as [batch, heads, tokens] where it must be transposed.
   */
  @Test
  void anLseThatIsViewedWhereItMustBeTransposedIsWrong() {
    IntUnaryOperator right = row -> row;
    IntUnaryOperator viewed = row -> row % BATCH * HEADS + row / BATCH;
    assertTrue(
        error(right, DataType.F32) < 2e-6, () -> "transposed: " + error(right, DataType.F32));
    assertTrue(error(viewed, DataType.F32) > 0.5, () -> "viewed: " + error(viewed, DataType.F32));
  }

  @Test
  void anLseInBf16CostsMoreThanTheToleranceOfFp32() {
    double rounded = error(row -> row, DataType.BF16);
    assertTrue(rounded > 100 * 2e-5, () -> "rounded: " + rounded);
  }

  /** The worst error of a merge that takes row r's prefix LSE from another place, rounded. */
  private double error(IntUnaryOperator place, DataType lseType) {
    AttentionState shared = attend(prefix, false);
    AttentionState own = attend(null, true);
    AttentionState exact = attend(prefix, true);
    AttentionState merged = AttentionState.empty(arena, exact.out().shape());
    AttentionState damaged = AttentionState.empty(arena, exact.out().shape());
    damaged.out().segment().copyFrom(shared.out().segment());
    for (int row = 0; row < ROWS; row++) {
      damaged.lse().set(row, lseType.round(shared.lse().get(place.applyAsInt(row))));
      own.lse().set(row, lseType.round(own.lse().get(row)));
    }
    AttentionState.merge(damaged, own, merged);
    double worst = 0;
    for (long i = 0; i < exact.out().elements(); i++) {
      worst = Math.max(worst, Math.abs(merged.out().get(i) - exact.out().get(i)));
    }
    return worst;
  }

  private AttentionState attend(@Nullable Prefix shared, boolean suffix) {
    AttentionState state = AttentionState.empty(arena, BATCH, HEADS, SHAPE.headDim());
    try (SequenceBatch batch = engine.batch(BATCH, TOKENS)) {
      batch.attachAll(shared);
      if (suffix) {
        batch.append(suffixKeys, suffixValues);
      }
      batch.attend(Tensor.of(queries, BATCH, HEADS, SHAPE.headDim()), state.out(), state.lse());
    }
    return state;
  }

  private static Tensor tensor(float[] values, int tokens) {
    return Tensor.of(values, BATCH, tokens, SHAPE.kvHeads(), SHAPE.headDim());
  }

  private float[] normal(int elements, float factor) {
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian() * factor;
    }
    return values;
  }
}
