package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Matrices.K;
import static io.github.hydragen.simulator.Matrices.M;
import static io.github.hydragen.simulator.Matrices.N;
import static io.github.hydragen.simulator.Matrices.pair;
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
 * What matrix instructions take besides the fragments that they are meant for, and what TornadoVM
 * does not compile.
 */
class MatrixOperandTest {
  private final KernelContext context = new KernelContext();
  private final Matrices matrices = new Matrices(11);
  private final HalfFloatArray a = matrices.a;
  private final HalfFloatArray b = matrices.b;
  private final FloatArray c = new FloatArray(M * N);
  private final FloatArray d = new FloatArray(M * N);
  private final IntArray registers = new IntArray(32 * 4);

  @BeforeEach
  void fill() {
    Random random = new Random(12);
    for (int i = 0; i < M * N; i++) {
      c.set(i, random.nextInt(9) - 4f);
    }
  }

  private void run(UnaryOperator<TaskGraph> task) {
    Runs.run(grid(32, 32), g -> task.apply(g.transferToDevice(FIRST, a, b, c)));
  }

  /**
   * C from an array of the thread's own, which is longer than need be; D by way of local memory.
   */
  static void sumsOfTheThread(
      KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray c, FloatArray d) {
    int[] tileA = context.allocateIntLocalArray(M * K / 2);
    int[] tileB = context.allocateIntLocalArray(K * N / 2);
    float[] exchange = context.allocateFloatLocalArray(4 + 32 * 10);
    int lane = context.localIdx;
    int quad = lane >> 2;
    int two = 2 * (lane & 3);
    for (int i = lane; i < M * K / 2; i += 32) {
      tileA[i] = pair(a, 2 * i, 2 * i + 1);
    }
    for (int i = lane; i < K * N / 2; i += 32) {
      tileB[i] = pair(b, 2 * i, 2 * i + 1);
    }
    float[] sums = new float[5];
    for (int r = 0; r < 4; r++) {
      sums[r] = c.get((quad + 8 * (r >> 1)) * N + two + (r & 1));
    }
    context.localBarrier();
    HalfFloat[] left = context.mmaLoadA(tileA, K);
    HalfFloat[] right = context.mmaLoadB(tileB, K);
    float[] product = context.mma(left, right, sums, MMAShape.M16N8K16);
    int own = 10 * lane;
    context.mmaStore(product, (FloatArray) (Object) exchange, -quad, own - two, 1);
    d.set(quad * N + two, exchange[own + 4]);
    d.set(quad * N + two + 1, exchange[own + 5]);
    d.set((quad + 8) * N + two, exchange[own + 12]);
    d.set((quad + 8) * N + two + 1, exchange[own + 13]);
  }

  @Test
  void sumsInAnArrayOfTheThread() {
    run(
        g ->
            g.task("k", MatrixOperandTest::sumsOfTheThread, context, a, b, c, d)
                .transferToHost(EVERY, d));
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        float expected = c.get(i * N + j) + matrices.product(i, j, false);
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

  /** The registers of an A fragment, as the four numbers of a thread in a matrix of ints. */
  static void unloads(KernelContext context, HalfFloatArray a, IntArray registers) {
    int[] tile = context.allocateIntLocalArray(M * K / 2);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      tile[i] = pair(a, 2 * i, 2 * i + 1);
    }
    context.localBarrier();
    HalfFloat[] fragment = context.mmaLoadA(tile, K);
    context.mmaStoreInt((int[]) (Object) fragment, registers, 0, 0, N);
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
        int at = (lane / 4 + 8 * (r / 2)) * N + 2 * (lane % 4) + r % 2;
        assertEquals(expected, registers.get(at), "lane " + lane + ", register " + r);
      }
    }
  }

  /** Bytes of zero from a fragment of ints, and sums of ints from an array of the thread's own. */
  static void addsNothing(KernelContext context, IntArray registers) {
    byte[] zeros = (byte[]) (Object) context.mmaFragmentInt(0);
    int[] sums = new int[4];
    for (int i = 0; i < 4; i++) {
      sums[i] = 4 * context.localIdx + i;
    }
    int[] same = context.mmaInt8(zeros, zeros, sums, MMAShape.M16N8K32);
    context.mmaStoreInt(same, registers, 0, 0, N);
  }

  @Test
  void fragmentOfIntsAsBytes() {
    run(
        g ->
            g.task("k", MatrixOperandTest::addsNothing, context, registers)
                .transferToHost(EVERY, registers));
    for (int lane = 0; lane < 32; lane++) {
      for (int i = 0; i < 4; i++) {
        int at = (lane / 4 + 8 * (i / 2)) * N + 2 * (lane % 4) + i % 2;
        assertEquals(4 * lane + i, registers.get(at), "lane " + lane + ", sum " + i);
      }
    }
  }

  static void addsToUnwritten(KernelContext context, FloatArray d) {
    int[] tile = context.allocateIntLocalArray(M * K / 2);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      tile[i] = 0;
    }
    float[] sums = new float[4];
    sums[0] = 0f;
    context.localBarrier();
    HalfFloat[] fragment = context.mmaLoadA(tile, K);
    context.mmaStore(context.mma(fragment, fragment, sums, MMAShape.M16N8K16), d, 0, 0, N);
  }

  @Test
  void sumThatWasNeverWritten() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.UNWRITTEN_READ,
            grid(32, 32),
            g -> g.task("k", MatrixOperandTest::addsToUnwritten, context, d));
    assertSays("element 1 of an operand", fault);
  }

  static void tooFewSums(KernelContext context, FloatArray d) {
    float[] sums = new float[2];
    sums[0] = 1f;
    sums[1] = 1f;
    context.mmaStore(sums, d, 0, 0, N);
  }

  @Test
  void arrayTooShortForSums() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.MATRIX_OPERAND,
            grid(32, 32),
            g -> g.task("k", MatrixOperandTest::tooFewSums, context, d));
    assertSays("2 numbers to store", fault);
  }

  static void storesPastItsArray(KernelContext context, FloatArray d) {
    float[] exchange = context.allocateFloatLocalArray(4 + M * N - 1);
    context.mmaStore(context.mmaFragment(1f), (FloatArray) (Object) exchange, 0, 0, N);
    context.localBarrier();
    d.set(context.localIdx, exchange[4 + context.localIdx]);
  }

  @Test
  void arrayTooShortForAHeaderAndTheResult() {
    Runs.fault(
        FaultKind.OUT_OF_BOUNDS,
        grid(32, 32),
        g -> g.task("k", MatrixOperandTest::storesPastItsArray, context, d));
  }

  static void bitsOfFloats(KernelContext context, IntArray registers) {
    int[] bits = context.allocateIntLocalArray(4 + 4 * 32);
    int lane = context.localIdx;
    float[] numbers = new float[4];
    for (int i = 0; i < 4; i++) {
      numbers[i] = lane + 0.25f * i;
    }
    int own = 4 + 2 * lane;
    context.mmaStore(
        numbers, (FloatArray) (Object) bits, -(lane >> 2), own - 4 - 2 * (lane & 3), 8);
    registers.set(4 * lane, bits[own]);
    registers.set(4 * lane + 1, bits[own + 1]);
    registers.set(4 * lane + 2, bits[own + 64]);
    registers.set(4 * lane + 3, bits[own + 65]);
  }

  @Test
  void localIntsTakeTheBitsOfFloats() {
    run(
        g ->
            g.task("k", MatrixOperandTest::bitsOfFloats, context, registers)
                .transferToHost(EVERY, registers));
    for (int i = 0; i < 4 * 32; i++) {
      assertEquals(Float.floatToRawIntBits(i * 0.25f), registers.get(i), "number " + i);
    }
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
}
