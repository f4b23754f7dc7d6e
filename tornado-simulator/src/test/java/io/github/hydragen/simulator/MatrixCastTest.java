package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Matrices.N;
import static io.github.hydragen.simulator.Runs.assertSays;
import static io.github.hydragen.simulator.Runs.grid;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Casts that look as if they worked and that TornadoVM does not compile. */
class MatrixCastTest {
  private final KernelContext context = new KernelContext();
  private final FloatArray d = new FloatArray(16 * N);
  private final IntArray registers = new IntArray(16 * N);

  private static void assertRefused(String message, UnaryOperator<TaskGraph> task) {
    assertSays(message, Runs.fault(FaultKind.MATRIX_OPERAND, grid(32, 32), task::apply));
  }

  static void ownIntsAsFragment(KernelContext context, FloatArray d) {
    int[] own = new int[4];
    for (int i = 0; i < 4; i++) {
      own[i] = 1;
    }
    HalfFloat[] fragment = (HalfFloat[]) (Object) own;
    float[] sum = context.mmaFragment(0f);
    context.mmaStore(context.mma(fragment, fragment, sum, MMAShape.M16N8K16), d, 0, 0, N);
  }

  @Test
  void arrayOfTheThreadAsAFragment() {
    assertRefused(
        "a private int[] is cast to HalfFloat[]",
        g -> g.task("k", MatrixCastTest::ownIntsAsFragment, context, d));
  }

  static void sumsToOwnFloats(KernelContext context, FloatArray d) {
    float[] own = new float[14];
    int lane = context.localIdx;
    float[] sum = context.mmaFragment(1f);
    context.mmaStore(sum, (FloatArray) (Object) own, -(lane >> 2), -2 * (lane & 3), 1);
    d.set(lane, own[4]);
  }

  @Test
  void arrayOfTheThreadToStoreSumsTo() {
    assertRefused(
        "a private float[] is cast to FloatArray",
        g -> g.task("k", MatrixCastTest::sumsToOwnFloats, context, d));
  }

  static void sumsToOwnInts(KernelContext context, IntArray registers) {
    int[] own = new int[14];
    int lane = context.localIdx;
    int[] sum = context.mmaFragmentInt(1);
    context.mmaStoreInt(sum, (IntArray) (Object) own, -(lane >> 2), -2 * (lane & 3), 1);
    registers.set(lane, own[4]);
  }

  @Test
  void arrayOfTheThreadToStoreIntsTo() {
    assertRefused(
        "a private int[] is cast to IntArray",
        g -> g.task("k", MatrixCastTest::sumsToOwnInts, context, registers));
  }

  static void ownIntsAsBytes(KernelContext context, IntArray registers) {
    int[] own = new int[4];
    for (int i = 0; i < 4; i++) {
      own[i] = 1;
    }
    byte[] bytes = (byte[]) (Object) own;
    int[] sums = context.mmaInt8(bytes, bytes, context.mmaFragmentInt(0), MMAShape.M16N8K32);
    context.mmaStoreInt(sums, registers, 0, 0, N);
  }

  @Test
  void arrayOfTheThreadAsBytes() {
    assertRefused(
        "a private int[] is cast to byte[]",
        g -> g.task("k", MatrixCastTest::ownIntsAsBytes, context, registers));
  }

  static void sumsAsFragment(KernelContext context, FloatArray d) {
    HalfFloat[] fragment = (HalfFloat[]) (Object) context.mmaFragmentInt(0);
    float[] sum = context.mmaFragment(0f);
    context.mmaStore(context.mma(fragment, fragment, sum, MMAShape.M16N8K16), d, 0, 0, N);
  }

  @Test
  void sumsAsAFragmentOfHalves() {
    assertRefused(
        "int[] is cast to HalfFloat[]",
        g -> g.task("k", MatrixCastTest::sumsAsFragment, context, d));
  }

  static void localIntsAsFragment(KernelContext context, FloatArray d) {
    int[] tile = context.allocateIntLocalArray(4);
    tile[context.localIdx & 3] = 0;
    HalfFloat[] fragment = (HalfFloat[]) (Object) tile;
    d.set(context.localIdx, fragment.length);
  }

  @Test
  void localArrayIsNoFragment() {
    assertRefused(
        "a local int[] is cast to HalfFloat[]",
        g -> g.task("k", MatrixCastTest::localIntsAsFragment, context, d));
  }
}
