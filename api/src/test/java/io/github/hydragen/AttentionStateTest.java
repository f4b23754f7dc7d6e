package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionStateTest {
  private static final float EMPTY = Float.NEGATIVE_INFINITY;
  private static final int TOKENS = 5;
  private static final int HEADS = 3;
  private static final int HEAD_DIM = 7;

  static long[] seeds() {
    return new long[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  }

  private static AttentionState state(float[] out, float... lse) {
    return new AttentionState(
        Tensor.of(out, lse.length, out.length / lse.length), Tensor.of(lse, lse.length));
  }

  private static AttentionState empty() {
    return AttentionState.empty(Arena.ofAuto(), TOKENS, HEADS, HEAD_DIM);
  }

  /** Normal outputs and LSE, some rows empty. */
  private static AttentionState random(Random random) {
    AttentionState state = empty();
    for (int row = 0; row < TOKENS * HEADS; row++) {
      if (random.nextInt(5) > 0) {
        state.lse().set(row, 5 * (float) random.nextGaussian());
        for (int e = 0; e < HEAD_DIM; e++) {
          state.out().set(row * HEAD_DIM + e, (float) random.nextGaussian());
        }
      }
    }
    return state;
  }

  private static AttentionState merged(AttentionState... states) {
    AttentionState into = empty();
    AttentionState.mergeAll(List.of(states), into);
    return into;
  }

  private static void assertSame(AttentionState expected, AttentionState actual, float tolerance) {
    assertArrayEquals(expected.lse().toFloats(), actual.lse().toFloats(), tolerance);
    assertArrayEquals(expected.out().toFloats(), actual.out().toFloats(), tolerance);
  }

  @Test
  void mergeByHand() {
    AttentionState into = state(new float[] {9, 9}, 9);
    AttentionState.merge(
        state(new float[] {1, 10}, (float) Math.log(1)),
        state(new float[] {5, 50}, (float) Math.log(3)),
        into);
    assertArrayEquals(new float[] {4, 40}, into.out().toFloats(), 1e-5f);
    assertEquals(Math.log(4), into.lse().get(0), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void mergeIsCommutative(long seed) {
    Random random = new Random(seed);
    AttentionState a = random(random);
    AttentionState b = random(random);
    assertSame(merged(a, b), merged(b, a), 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void mergeIsAssociative(long seed) {
    Random random = new Random(seed);
    AttentionState a = random(random);
    AttentionState b = random(random);
    AttentionState c = random(random);
    AttentionState left = merged(merged(a, b), c);
    assertSame(left, merged(a, merged(b, c)), 2e-6f);
    assertSame(left, merged(a, b, c), 2e-6f);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theEmptyStateIsTheIdentity(long seed) {
    AttentionState a = random(new Random(seed));
    assertSame(a, merged(a, empty()), 0);
    assertSame(a, merged(empty(), a), 0);
    assertSame(a, merged(a), 0);
  }

  @Test
  void emptyWithEmptyIsEmpty() {
    assertSame(empty(), merged(empty(), empty()), 0);
    assertSame(empty(), merged(), 0);
  }

  /** What an empty state's outputs hold does not matter. */
  @Test
  void garbageInAnEmptyStateIsNotLookedAt() {
    AttentionState garbage = state(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, EMPTY);
    AttentionState one = state(new float[] {1, 2}, 0);
    AttentionState into = state(new float[2], 0);
    AttentionState.merge(garbage, one, into);
    assertArrayEquals(new float[] {1, 2}, into.out().toFloats());
    AttentionState.merge(garbage, garbage, into);
    assertArrayEquals(new float[] {0, 0}, into.out().toFloats());
    assertEquals(EMPTY, into.lse().get(0));
  }

  @Test
  void nanIsNotHidden() {
    AttentionState into = state(new float[] {0}, 0);
    AttentionState.merge(state(new float[] {1}, Float.NaN), state(new float[] {1}, 0), into);
    assertTrue(Float.isNaN(into.out().get(0)) && Float.isNaN(into.lse().get(0)));
  }

  @ParameterizedTest
  @ValueSource(floats = {100, 1e4f, 1e30f, -100, -1e4f, -1e30f})
  void largeLseDoesNotOverflow(float lse) {
    AttentionState into = state(new float[] {0}, 0);
    AttentionState.merge(state(new float[] {1}, lse), state(new float[] {3}, lse), into);
    assertEquals(2, into.out().get(0), 1e-6f);
    assertEquals(lse + Math.log(2), into.lse().get(0), Math.ulp(lse));
    AttentionState.merge(state(new float[] {1}, lse), state(new float[] {3}, -lse), into);
    assertEquals(lse > 0 ? 1 : 3, into.out().get(0));
    assertEquals(Math.abs(lse), into.lse().get(0));
  }

  /** Attention over all keys is the merge over any split of them. */
  @ParameterizedTest
  @MethodSource("seeds")
  void anySplitOfTheKeysMergesToTheWhole(long seed) {
    Random random = new Random(seed);
    int keys = 40;
    double[] scores = random.doubles(keys, -6, 6).toArray();
    double[] values = random.doubles(keys, -1, 1).toArray();
    AttentionState whole = over(scores, values, 0, keys);
    for (int parts = 1; parts <= 8; parts++) {
      List<Integer> cuts = new ArrayList<>(List.of(0, keys));
      for (int i = 1; i < parts; i++) {
        cuts.add(random.nextInt(keys + 1));
      }
      Collections.sort(cuts);
      List<AttentionState> states = new ArrayList<>();
      for (int i = 0; i < parts; i++) {
        states.add(over(scores, values, cuts.get(i), cuts.get(i + 1)));
      }
      AttentionState into = state(new float[] {0}, 0);
      AttentionState.mergeAll(states, into);
      assertSame(whole, into, 1e-6f);
    }
  }

  private static AttentionState over(double[] scores, double[] values, int from, int to) {
    double sum = 0;
    double weighted = 0;
    for (int j = from; j < to; j++) {
      sum += Math.exp(scores[j]);
      weighted += Math.exp(scores[j]) * values[j];
    }
    return state(new float[] {(float) (sum == 0 ? 0 : weighted / sum)}, (float) Math.log(sum));
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void outputsOfEveryType(DataType type) {
    Arena arena = Arena.ofAuto();
    AttentionState a = state(new float[] {1, -2}, 0);
    AttentionState b =
        new AttentionState(Tensor.allocate(arena, type, 1, 2), Tensor.of(new float[] {0}, 1));
    b.out().set(0, 3);
    b.out().set(1, 0.5f);
    AttentionState into =
        new AttentionState(Tensor.allocate(arena, type, 1, 2), Tensor.of(new float[1], 1));
    AttentionState.merge(a, b, into);
    assertArrayEquals(new float[] {2, -0.75f}, into.out().toFloats());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void inPlaceIsTheSame(long seed) {
    Random random = new Random(seed);
    AttentionState a = random(random);
    AttentionState b = random(random);
    AttentionState expected = merged(a, b);
    a.mergeInPlace(b);
    assertSame(expected, a, 0);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void onlyMaskedTokensAreMerged(long seed) {
    Random random = new Random(seed);
    AttentionState a = random(random);
    AttentionState b = random(random);
    AttentionState all = merged(a, b);
    float[] outBefore = a.out().toFloats();
    float[] lseBefore = a.lse().toFloats();
    boolean[] mask = {true, false, false, true, random.nextBoolean()};
    a.mergeInPlace(b, mask);
    for (int row = 0; row < TOKENS * HEADS; row++) {
      boolean merges = mask[row / HEADS];
      assertEquals(merges ? all.lse().get(row) : lseBefore[row], a.lse().get(row));
      for (int e = row * HEAD_DIM; e < (row + 1) * HEAD_DIM; e++) {
        assertEquals(merges ? all.out().get(e) : outBefore[e], a.out().get(e));
      }
    }
    assertMessage(
        "the mask has 2 entries, but the state has 5 tokens",
        () -> a.mergeInPlace(b, new boolean[2]));
  }

  @Test
  void aMaskOfOneVectorOrOfNoTokens() {
    AttentionState one =
        new AttentionState(Tensor.of(new float[] {1, 3}, 2), Tensor.of(new float[] {0}));
    one.mergeInPlace(one, new boolean[] {true});
    assertEquals(Math.log(2), one.lse().get(0), 1e-6);
    AttentionState none = AttentionState.empty(Arena.ofAuto(), 0, 2, 4);
    none.mergeInPlace(none, new boolean[0]);
  }

  @Test
  void base2IsLog2() {
    Tensor natural = Tensor.of(new float[] {(float) Math.log(8), 0, EMPTY, -1}, 4);
    Tensor base2 = Tensor.of(new float[4], 4);
    AttentionState.lseToBase2(natural, base2);
    assertArrayEquals(
        new float[] {3, 0, EMPTY, (float) (-1 / Math.log(2))}, base2.toFloats(), 1e-6f);
    AttentionState.lseFromBase2(base2, base2);
    assertArrayEquals(natural.toFloats(), base2.toFloats(), 1e-6f);
    assertMessage(
        "lse of F32[4] does not convert into F32[3]: both are F32 of one shape",
        () -> AttentionState.lseToBase2(natural, Tensor.of(new float[3], 3)));
  }

  @Test
  void shapesAndTypesMustFit() {
    Tensor out = Tensor.of(new float[6], 2, 3);
    assertMessage(
        "lse is F32[3], not F32 of the shape of out, F32[2, 3], without its last size",
        () -> new AttentionState(out, Tensor.of(new float[3], 3)));
    Tensor half = Tensor.allocate(Arena.ofAuto(), DataType.F16, 2);
    assertThrows(IllegalArgumentException.class, () -> new AttentionState(out, half));
    assertMessage(
        "a state of F32[1, 3] does not merge into one of F32[1, 2]",
        () ->
            AttentionState.merge(
                state(new float[3], 0), state(new float[2], 0), state(new float[2], 0)));
    assertMessage(
        "the shape of out is empty: give at least [headDim]",
        () -> AttentionState.empty(Arena.ofAuto()));
  }

  /** A view that is shifted by a row would be overwritten before it is read. */
  @Test
  void sharedMemoryIsRefusedBeforeAnythingIsWritten() {
    float[] three = {1, 2, 3};
    MemorySegment memory = MemorySegment.ofArray(three);
    Tensor first = Tensor.of(memory.asSlice(0, 8), DataType.F32, 2, 1);
    Tensor second = Tensor.of(memory.asSlice(4, 8), DataType.F32, 2, 1);
    AttentionState a = new AttentionState(first, Tensor.of(new float[2], 2));
    AttentionState shifted = new AttentionState(second, Tensor.of(new float[2], 2));
    assertMessage(
        "the result shares memory with a part of a state: give it memory of its own",
        () -> AttentionState.merge(a, a, shifted));
    AttentionState lseInOut =
        new AttentionState(first, Tensor.of(memory.asSlice(4, 8), DataType.F32, 2));
    assertMessage(
        "out and lse share memory: give each its own",
        () -> AttentionState.merge(lseInOut, lseInOut, lseInOut));
    assertArrayEquals(new float[] {1, 2, 3}, three);
    AttentionState readOnly =
        new AttentionState(
            Tensor.of(memory.asSlice(0, 8).asReadOnly(), DataType.F32, 2, 1),
            Tensor.of(new float[2], 2));
    assertMessage(
        "out is read-only: give writable memory", () -> AttentionState.merge(a, a, readOnly));
  }

  @Test
  void freedMemoryIsAClearError() {
    AttentionState freed;
    try (Arena arena = Arena.ofConfined()) {
      freed = AttentionState.empty(arena, 1, 2);
    }
    AttentionState into = state(new float[2], 0);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> AttentionState.mergeAll(List.of(freed), into));
    assertEquals("out lies in memory that is already freed", e.getMessage());
  }

  /** Many states, as pages or levels give. */
  @Test
  void manyStates() {
    List<AttentionState> states = new ArrayList<>();
    for (int i = 1; i <= 1000; i++) {
      states.add(state(new float[] {i}, (float) Math.log(i)));
    }
    AttentionState into = state(new float[] {0}, 0);
    AttentionState.mergeAll(states, into);
    double sum = 1000 * 1001 / 2.0;
    double squares = 1000.0 * 1001 * 2001 / 6;
    assertEquals(squares / sum, into.out().get(0), 1e-3);
    assertEquals(Math.log(sum), into.lse().get(0), 1e-5);
  }

  private static void assertMessage(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, e.getMessage());
  }
}
