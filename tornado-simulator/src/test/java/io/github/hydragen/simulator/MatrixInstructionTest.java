package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Matrices.K;
import static io.github.hydragen.simulator.Matrices.M;
import static io.github.hydragen.simulator.Matrices.N;
import static io.github.hydragen.simulator.Matrices.pair;
import static io.github.hydragen.simulator.Runs.EVERY;
import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/** The matrix instructions against a plain product of 16 by 16 and 16 by 8 matrices. */
class MatrixInstructionTest {
  private final KernelContext context = new KernelContext();
  private final Matrices matrices = new Matrices(7);
  private final HalfFloatArray a = matrices.a;
  private final HalfFloatArray b = matrices.b;
  private final FloatArray c = new FloatArray(M * N);

  static void product(KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 2);
    int[] tileB = context.allocateIntLocalArray(K * N / 2);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      tileA[i] = pair(a, 2 * i, 2 * i + 1);
    }
    for (int i = context.localIdx; i < K * N / 2; i += 32) {
      tileB[i] = pair(b, 2 * i, 2 * i + 1);
    }
    context.localBarrier();
    HalfFloat[] fragmentA = context.mmaLoadA(tileA, K);
    HalfFloat[] fragmentB = context.mmaLoadB(tileB, K);
    float[] sum = context.mmaFragment(0f);
    sum = context.mma(fragmentA, fragmentB, sum, MMAShape.M16N8K16);
    sum = context.mma(fragmentA, fragmentB, sum, MMAShape.M16N8K16);
    context.mmaStore(sum, c, 0, 0, N);
  }

  @Test
  void halfPrecision() {
    Runs.run(
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a, b)
                .task("k", MatrixInstructionTest::product, context, a, b, c)
                .transferToHost(EVERY, c));
    assertProduct(2f, false);
  }

  private void assertProduct(float times, boolean transposedB) {
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        float expected = times * matrices.product(i, j, transposedB);
        assertEquals(expected, c.get(i * N + j), "row " + i + ", column " + j);
      }
    }
  }

  static int bfloat16Pair(HalfFloatArray source, int index) {
    int low = BFloat16.bf16FromFloat(source.get(index).getFloat32()) & 0xFFFF;
    int high = BFloat16.bf16FromFloat(source.get(index + 1).getFloat32()) & 0xFFFF;
    return low | (high << 16);
  }

  static void bfloat16Product(
      KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 2);
    int[] tileB = context.allocateIntLocalArray(K * N / 2);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      tileA[i] = bfloat16Pair(a, 2 * i);
    }
    for (int i = context.localIdx; i < K * N / 2; i += 32) {
      tileB[i] = bfloat16Pair(b, 2 * i);
    }
    context.localBarrier();
    float[] sum =
        context.mmaBF16(
            context.mmaLoadA(tileA, K, 0),
            context.mmaLoadB(tileB, K, 0),
            context.mmaFragment(0f),
            MMAShape.M16N8K16);
    context.mmaStore(sum, c, 0, 0, N);
  }

  @Test
  void bfloat16() {
    Runs.run(
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a, b)
                .task("k", MatrixInstructionTest::bfloat16Product, context, a, b, c)
                .transferToHost(EVERY, c));
    assertProduct(1f, false);
  }

  /** B in rows of 16 bytes, one for 8 depths of a column: the left and the right half below. */
  static void rowsOfKeys(KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 2);
    int[] keys = context.allocateIntLocalArray(M * K / 2);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      tileA[i] = pair(a, 2 * i, 2 * i + 1);
    }
    for (int i = context.localIdx; i < 2 * N * 8; i += 32) {
      int row = i / 8;
      int column = i % 8;
      int key = row % N;
      int depth = (row / N) * 8 + 2 * column;
      if (column < 4) {
        keys[row * 8 + column] = pair(b, key * K + depth, key * K + depth + 1);
      } else {
        keys[row * 8 + column] = 0;
      }
    }
    context.localBarrier();
    float[] sum =
        context.mma(
            context.mmaLoadA(tileA, K),
            context.mmaLoadA(keys, K),
            context.mmaFragment(0f),
            MMAShape.M16N8K16);
    context.mmaStore(sum, c, 0, 0, N);
  }

  @Test
  void fragmentLoadedAsAInPlaceOfB() {
    Runs.run(
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a, b)
                .task("k", MatrixInstructionTest::rowsOfKeys, context, a, b, c)
                .transferToHost(EVERY, c));
    assertProduct(1f, true);
  }

  static void swizzledProduct(
      KernelContext context, HalfFloatArray a, HalfFloatArray b, FloatArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 2);
    HalfFloat[] tileB = context.allocateHalfFloatLocalArray(2 * K * N);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      context.asyncCopyToLocal(tileA, i, a, 2 * i);
    }
    context.asyncCopyCommit();
    for (int i = context.localIdx; i < K * N; i += 32) {
      context.swizzleStoreFp16Stride32(tileB, i / N, i % N, N, b.get(i));
      context.mmaStoreBSwizzled(tileB, i / N, i % N, N, b.get(i), K * N * 2);
    }
    context.asyncCopyWaitGroup(0);
    context.localBarrier();
    float[] sum = context.mmaFragment(0f);
    HalfFloat[] fragmentA = context.mmaLoadA(tileA, K);
    sum = context.mma(fragmentA, context.mmaLoadBSwizzled(tileB, K), sum, MMAShape.M16N8K16);
    sum =
        context.mma(
            fragmentA, context.mmaLoadBSwizzled(tileB, K, K * N * 2), sum, MMAShape.M16N8K16);
    context.mmaStore(sum, c, 0, 0, N);
  }

  @Test
  void swizzledTileAndAsynchronousCopy() {
    Runs.run(
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a, b)
                .task("k", MatrixInstructionTest::swizzledProduct, context, a, b, c)
                .transferToHost(EVERY, c));
    assertProduct(2f, false);
  }

  static void readsTooEarly(KernelContext context, HalfFloatArray a, FloatArray c) {
    int[] tile = context.allocateIntLocalArray(32);
    context.asyncCopyToLocal(tile, context.localIdx, a, 2 * context.localIdx);
    context.asyncCopyCommit();
    c.set(context.localIdx, tile[context.localIdx]);
    context.asyncCopyWaitGroup(0);
  }

  @Test
  void readBeforeTheCopyIsOver() {
    Runs.fault(
        FaultKind.ASYNC_COPY_PENDING,
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a)
                .task("k", MatrixInstructionTest::readsTooEarly, context, a, c));
  }

  static void neverWaits(KernelContext context, HalfFloatArray a, FloatArray c) {
    int[] tile = context.allocateIntLocalArray(32);
    context.asyncCopyToLocal(tile, context.localIdx, a, 2 * context.localIdx);
    c.set(context.localIdx, 0f);
  }

  @Test
  void copyNeverWaitedFor() {
    Runs.fault(
        FaultKind.ASYNC_COPY_PENDING,
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a)
                .task("k", MatrixInstructionTest::neverWaits, context, a, c));
  }

  static void readsWithoutBarrier(KernelContext context, HalfFloatArray a, FloatArray c) {
    int[] tile = context.allocateIntLocalArray(32);
    context.asyncCopyToLocal(tile, context.localIdx, a, 2 * context.localIdx);
    context.asyncCopyCommit();
    context.asyncCopyWaitGroup(0);
    c.set(context.localIdx, tile[Math.max(0, context.localIdx - 1)]);
  }

  @Test
  void copyOfAnotherThreadReadWithoutBarrier() {
    Runs.fault(
        FaultKind.DATA_RACE,
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a)
                .task("k", MatrixInstructionTest::readsWithoutBarrier, context, a, c));
  }

  static void copiesFromAnOddIndex(KernelContext context, HalfFloatArray a, FloatArray c) {
    int[] tile = context.allocateIntLocalArray(32);
    context.asyncCopyToLocal(tile, context.localIdx, a, 2 * context.localIdx + 1);
    context.asyncCopyCommit();
    context.asyncCopyWaitGroup(0);
    c.set(context.localIdx, 0f);
  }

  @Test
  void misalignedCopy() {
    Runs.fault(
        FaultKind.MISALIGNED_ACCESS,
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a)
                .task("k", MatrixInstructionTest::copiesFromAnOddIndex, context, a, c));
  }

  static void loadsFromItsOwnArray(KernelContext context, FloatArray c) {
    int[] tile = new int[M * K / 2];
    for (int i = 0; i < M * K / 2; i++) {
      tile[i] = 0;
    }
    float[] sum =
        context.mma(
            context.mmaLoadA(tile, K),
            context.mmaLoadB(tile, K),
            context.mmaFragment(0f),
            MMAShape.M16N8K16);
    context.mmaStore(sum, c, 0, 0, N);
  }

  @Test
  void tileOutsideLocalMemory() {
    Runs.fault(
        FaultKind.MATRIX_OPERAND,
        grid(32, 32),
        g -> g.task("k", MatrixInstructionTest::loadsFromItsOwnArray, context, c));
  }

  static void multipliesHalfAWarp(KernelContext context, FloatArray c) {
    int[] tile = context.allocateIntLocalArray(M * K / 2);
    for (int i = context.localIdx; i < M * K / 2; i += 32) {
      tile[i] = 0;
    }
    context.localBarrier();
    if (context.localIdx < 16) {
      context.mmaStore(context.mmaFragment(0f), c, 0, 0, N);
      HalfFloat[] fragment = context.mmaLoadA(tile, K);
      c.set(0, fragment.length);
    }
  }

  @Test
  void matrixInstructionInADivergentWarp() {
    Runs.fault(
        FaultKind.WARP_DIVERGENCE,
        grid(32, 32),
        g -> g.task("k", MatrixInstructionTest::multipliesHalfAWarp, context, c));
  }

  @Test
  void warpThatDoesNotLieAlongX() {
    WorkerGrid2D grid = new WorkerGrid2D(16, 2);
    grid.setLocalWork(16, 2, 1);
    Runs.fault(
        FaultKind.MATRIX_OPERAND,
        grid,
        g -> g.task("k", MatrixInstructionTest::loadsOnly, context, c));
  }

  static void loadsOnly(KernelContext context, FloatArray c) {
    int[] tile = context.allocateIntLocalArray(M * K / 2);
    HalfFloat[] fragment = context.mmaLoadA(tile, K);
    c.set(0, fragment.length);
  }

  static void wrongShape(KernelContext context, FloatArray c) {
    HalfFloat[] nothing = new HalfFloat[8];
    float[] sum = context.mmaFragment(0f);
    sum = context.mma(nothing, nothing, sum, MMAShape.M16N8K32);
    context.mmaStore(sum, c, 0, 0, N);
  }

  @Test
  void shapeOfOtherNumbers() {
    Runs.fault(
        FaultKind.MATRIX_OPERAND,
        grid(32, 32),
        g -> g.task("k", MatrixInstructionTest::wrongShape, context, c));
  }
}
