package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.EVERY;
import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.assertSays;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Arrays of the thread's own as operands and targets of matrix instructions, against plain products
 * and against the layouts of the PTX instruction set, written out here once more.
 */
class MatrixOperandTest {
  private static final int M = 16;
  private static final int N = 8;
  private static final int K = 16;

  private final KernelContext context = new KernelContext();
  private final HalfFloatArray a = new HalfFloatArray(M * K);
  private final HalfFloatArray b = new HalfFloatArray(K * N);
  private final FloatArray c = new FloatArray(M * N);
  private final FloatArray d = new FloatArray(M * N);
  private final IntArray registers = new IntArray(32 * 4);

  @BeforeEach
  void fill() {
    Random random = new Random(11);
    for (int i = 0; i < M * K; i++) {
      a.set(i, new HalfFloat(random.nextInt(9) - 4f));
    }
    for (int i = 0; i < K * N; i++) {
      b.set(i, new HalfFloat(random.nextInt(9) - 4f));
    }
    for (int i = 0; i < M * N; i++) {
      c.set(i, random.nextInt(9) - 4f);
    }
  }

  private void run(UnaryOperator<TaskGraph> task) {
    Runs.run(grid(32, 32), g -> task.apply(g.transferToDevice(FIRST, a, b, c)));
  }

  static int pair(HalfFloatArray source, int first, int second) {
    int low = source.get(first).getHalfFloatValue() & 0xFFFF;
    int high = source.get(second).getHalfFloatValue() & 0xFFFF;
    return low | (high << 16);
  }

  /** A, B and C from arrays of the thread's own, which are longer than need be; D to one. */
  static void allInRegisters(
      KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray c, FloatArray d) {
    int lane = context.localIdx;
    int quad = lane >> 2;
    int two = 2 * (lane & 3);
    int[] left = new int[4];
    int[] right = new int[6];
    float[] sums = new float[5];
    float[] result = new float[14];
    HalfFloat[] fragmentA = (HalfFloat[]) (Object) left;
    HalfFloat[] fragmentB = (HalfFloat[]) (Object) right;
    for (int r = 0; r < 4; r++) {
      int at = (quad + 8 * (r & 1)) * K + two + 8 * (r >> 1);
      left[r] = pair(a, at, at + 1);
      sums[r] = c.get((quad + 8 * (r >> 1)) * N + two + (r & 1));
    }
    for (int r = 0; r < 2; r++) {
      int at = (two + 8 * r) * N + quad;
      right[r] = pair(b, at, at + N);
    }
    float[] product = context.mma(fragmentA, fragmentB, sums, MMAShape.M16N8K16);
    // What the array holds now is what the next product takes.
    for (int r = 0; r < 4; r++) {
      left[r] = 0;
    }
    product = context.mma(fragmentA, fragmentB, product, MMAShape.M16N8K16);
    context.mmaStore(product, (FloatArray) (Object) result, -quad, -two, 1);
    d.set(quad * N + two, result[4]);
    d.set(quad * N + two + 1, result[5]);
    d.set((quad + 8) * N + two, result[12]);
    d.set((quad + 8) * N + two + 1, result[13]);
  }

  @Test
  void operandsAndResultInArraysOfTheThread() {
    run(
        g ->
            g.task("k", MatrixOperandTest::allInRegisters, context, a, b, c, d)
                .transferToHost(EVERY, d));
    assertProduct();
  }

  private void assertProduct() {
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        float expected = c.get(i * N + j);
        for (int k = 0; k < K; k++) {
          expected += a.get(i * K + k).getFloat32() * b.get(k * N + j).getFloat32();
        }
        assertEquals(expected, d.get(i * N + j), "row " + i + ", column " + j);
      }
    }
  }

  /** Sums in an array of the thread's own as they are, without a product. */
  static void storesOwnSums(KernelContext context, FloatArray c, FloatArray d) {
    float[] sums = new float[4];
    int at = (context.localIdx >> 2) * N + 2 * (context.localIdx & 3);
    sums[0] = c.get(at);
    sums[1] = c.get(at + 1);
    sums[2] = c.get(at + 8 * N);
    sums[3] = c.get(at + 8 * N + 1);
    context.mmaStore(sums, d, 0, 0, N);
  }

  @Test
  void sumsOfTheThreadAreStored() {
    run(g -> g.task("k", MatrixOperandTest::storesOwnSums, context, c, d).transferToHost(EVERY, d));
    for (int i = 0; i < M * N; i++) {
      assertEquals(c.get(i), d.get(i), "element " + i);
    }
  }

  /** The registers of an A fragment, by way of a matrix of ints. */
  static void unloads(KernelContext context, HalfFloatArray a, IntArray registers) {
    int[] tile = context.allocateIntLocalArray(M * K / 2);
    int[] own = new int[14];
    int lane = context.localIdx;
    for (int i = lane; i < M * K / 2; i += 32) {
      tile[i] = pair(a, 2 * i, 2 * i + 1);
    }
    context.localBarrier();
    HalfFloat[] fragment = context.mmaLoadA(tile, K);
    context.mmaStoreInt(
        (int[]) (Object) fragment, (IntArray) (Object) own, -(lane >> 2), -2 * (lane & 3), 1);
    registers.set(4 * lane, own[4]);
    registers.set(4 * lane + 1, own[5]);
    registers.set(4 * lane + 2, own[12]);
    registers.set(4 * lane + 3, own[13]);
  }

  @Test
  void fragmentsAreUnloaded() {
    run(
        g ->
            g.task("k", MatrixOperandTest::unloads, context, a, registers)
                .transferToHost(EVERY, registers));
    for (int lane = 0; lane < 32; lane++) {
      for (int r = 0; r < 4; r++) {
        int row = lane / 4 + 8 * (r % 2);
        int column = 2 * (lane % 4) + 8 * (r / 2);
        int expected = pair(a, row * K + column, row * K + column + 1);
        assertEquals(expected, registers.get(4 * lane + r), "lane " + lane + ", register " + r);
      }
    }
  }

  /** A fragment that is the thread's own array is that array again. */
  static void castsBack(KernelContext context, IntArray registers) {
    int[] own = new int[4];
    HalfFloat[] fragment = (HalfFloat[]) (Object) own;
    int[] again = (int[]) (Object) fragment;
    for (int i = 0; i < 4; i++) {
      own[i] = context.localIdx + i;
    }
    for (int i = 0; i < 4; i++) {
      registers.set(4 * context.localIdx + i, again[i]);
    }
  }

  @Test
  void castThereAndBack() {
    run(
        g ->
            g.task("k", MatrixOperandTest::castsBack, context, registers)
                .transferToHost(EVERY, registers));
    for (int i = 0; i < registers.getSize(); i++) {
      assertEquals(i / 4 + i % 4, registers.get(i));
    }
  }

  static void readsUnwritten(KernelContext context, FloatArray d) {
    int[] own = new int[4];
    own[0] = 1;
    own[1] = 1;
    own[2] = 1;
    HalfFloat[] fragment = (HalfFloat[]) (Object) own;
    float[] sum = context.mmaFragment(0f);
    context.mmaStore(context.mma(fragment, fragment, sum, MMAShape.M16N8K16), d, 0, 0, N);
  }

  @Test
  void registerThatWasNeverWritten() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.UNWRITTEN_READ,
            grid(32, 32),
            g -> g.task("k", MatrixOperandTest::readsUnwritten, context, d));
    assertSays("element 3 of an operand", fault);
  }

  static void addsToUnwritten(KernelContext context, HalfFloatArray a, FloatArray d) {
    int[] own = new int[4];
    float[] sums = new float[4];
    sums[0] = 0f;
    for (int i = 0; i < 4; i++) {
      own[i] = pair(a, 2 * i, 2 * i + 1);
    }
    HalfFloat[] fragment = (HalfFloat[]) (Object) own;
    context.mmaStore(context.mma(fragment, fragment, sums, MMAShape.M16N8K16), d, 0, 0, N);
  }

  @Test
  void sumThatWasNeverWritten() {
    Runs.fault(
        FaultKind.UNWRITTEN_READ,
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a)
                .task("k", MatrixOperandTest::addsToUnwritten, context, a, d));
  }

  static void tooFewRegisters(KernelContext context, FloatArray d) {
    int[] own = new int[2];
    own[0] = 1;
    own[1] = 1;
    HalfFloat[] fragment = (HalfFloat[]) (Object) own;
    float[] sum = context.mmaFragment(0f);
    context.mmaStore(context.mma(fragment, fragment, sum, MMAShape.M16N8K16), d, 0, 0, N);
  }

  @Test
  void arrayTooShortForAnOperand() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.MATRIX_OPERAND,
            grid(32, 32),
            g -> g.task("k", MatrixOperandTest::tooFewRegisters, context, d));
    assertSays("4, 2 and 4 elements", fault);
  }

  static void storesPastItsArray(KernelContext context, FloatArray d) {
    float[] own = new float[13];
    int lane = context.localIdx;
    float[] sum = context.mmaFragment(1f);
    context.mmaStore(sum, (FloatArray) (Object) own, -(lane >> 2), -2 * (lane & 3), 1);
    d.set(lane, own[4]);
  }

  @Test
  void arrayTooShortForAHeaderAndTheResult() {
    Runs.fault(
        FaultKind.OUT_OF_BOUNDS,
        grid(32, 32),
        g -> g.task("k", MatrixOperandTest::storesPastItsArray, context, d));
  }

  static void storesAFragmentOfB(KernelContext context, IntArray registers) {
    int[] tile = context.allocateIntLocalArray(K * N / 2);
    for (int i = context.localIdx; i < K * N / 2; i += 32) {
      tile[i] = 0;
    }
    context.localBarrier();
    HalfFloat[] fragment = context.mmaLoadB(tile, K);
    context.mmaStoreInt((int[]) (Object) fragment, registers, 0, 0, N);
  }

  @Test
  void fragmentWithTooFewRegistersToStore() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.MATRIX_OPERAND,
            grid(32, 32),
            g -> g.task("k", MatrixOperandTest::storesAFragmentOfB, context, registers));
    assertSays("2 numbers to store", fault);
  }

  static void castsALocalArray(KernelContext context, FloatArray d) {
    int[] tile = context.allocateIntLocalArray(4);
    tile[context.localIdx & 3] = 0;
    HalfFloat[] fragment = (HalfFloat[]) (Object) tile;
    d.set(context.localIdx, fragment.length);
  }

  @Test
  void localArrayIsNoFragment() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.MATRIX_OPERAND,
            grid(4, 4),
            g -> g.task("k", MatrixOperandTest::castsALocalArray, context, d));
    assertSays("a local int[] is cast to HalfFloat[]", fault);
  }
}
