package io.github.hydragen.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Which arrays lose their copy to the device because the first kernel that uses them only writes
 * them. The expectations are what TornadoVM 5.2.0-jdk25 did with the same kernels on OpenCL.
 */
class DroppedTransferTest {
  private static final int THREADS = 64;

  static void writes(KernelContext context, FloatArray x, int n) {
    x.set(context.globalIdx, 1f);
  }

  static void writesUnderACondition(KernelContext context, FloatArray x, int n) {
    if (context.globalIdx < n) {
      x.set(context.globalIdx, 1f);
    }
  }

  static void writesAfterALoop(KernelContext context, FloatArray x, int n) {
    float sum = 0f;
    for (int i = 0; i < n; i++) {
      sum += i * 0.5f;
    }
    x.set(context.globalIdx, sum);
  }

  static void writesInALoop(KernelContext context, FloatArray x, int n) {
    for (int i = 0; i < n; i++) {
      x.set(context.globalIdx, i);
    }
  }

  static void writesAfterACondition(KernelContext context, FloatArray x, int n) {
    float value = 1f;
    if (context.globalIdx < n) {
      value = context.localIdx * 3f;
    }
    x.set(context.globalIdx, value);
  }

  static void writesBehindAReturn(KernelContext context, FloatArray x, int n) {
    if (context.globalIdx >= n) {
      return;
    }
    x.set(context.globalIdx, 1f);
  }

  static void writesOnBothSides(KernelContext context, FloatArray x, int n) {
    if (context.globalIdx < n) {
      x.set(context.globalIdx, 1f);
    } else {
      x.set(context.globalIdx, 2f);
    }
  }

  static void writesAfterABarrier(KernelContext context, FloatArray x, int n) {
    float[] shared = context.allocateFloatLocalArray(THREADS);
    shared[context.localIdx] = 1f;
    context.localBarrier();
    x.set(context.globalIdx, shared[THREADS - 1 - context.localIdx]);
  }

  static void writesUnderAConditionInALoop(KernelContext context, FloatArray x, int n) {
    for (int i = 0; i < n; i++) {
      if (i == 3) {
        x.set(context.globalIdx, i);
      }
    }
  }

  static void put(FloatArray x, int index, float value) {
    x.set(index, value);
  }

  static void writesInAHelper(KernelContext context, FloatArray x, int n) {
    if (context.globalIdx < n) {
      put(x, context.globalIdx, 1f);
    }
  }

  static void writesAlwaysAndUnderACondition(KernelContext context, FloatArray x, int n) {
    x.set(context.globalIdx, 0f);
    if (context.globalIdx < n) {
      x.set(context.globalIdx, 1f);
    }
  }

  static void writesInALoopUnderACondition(KernelContext context, FloatArray x, int n) {
    if (context.globalIdx < n) {
      for (int i = 0; i < 2; i++) {
        x.set(context.globalIdx, i);
      }
    }
  }

  static void readsTheRest(KernelContext context, FloatArray x, FloatArray out) {
    out.set(context.globalIdx, x.get(context.globalIdx + THREADS));
  }

  private static Arguments kernel(
      String name, boolean keeps, Task3<KernelContext, FloatArray, Integer> code) {
    return Arguments.of(name, keeps, code);
  }

  static Stream<Arguments> kernels() {
    return Stream.of(
        kernel("writes", false, DroppedTransferTest::writes),
        kernel("writesUnderACondition", true, DroppedTransferTest::writesUnderACondition),
        kernel("writesAfterALoop", true, DroppedTransferTest::writesAfterALoop),
        kernel("writesInALoop", true, DroppedTransferTest::writesInALoop),
        kernel("writesAfterACondition", false, DroppedTransferTest::writesAfterACondition),
        kernel("writesBehindAReturn", true, DroppedTransferTest::writesBehindAReturn),
        kernel("writesOnBothSides", false, DroppedTransferTest::writesOnBothSides),
        kernel("writesAfterABarrier", false, DroppedTransferTest::writesAfterABarrier),
        kernel(
            "writesUnderAConditionInALoop",
            true,
            DroppedTransferTest::writesUnderAConditionInALoop),
        kernel("writesInAHelper", true, DroppedTransferTest::writesInAHelper),
        kernel(
            "writesAlwaysAndUnderACondition",
            true,
            DroppedTransferTest::writesAlwaysAndUnderACondition),
        kernel(
            "writesInALoopUnderACondition",
            true,
            DroppedTransferTest::writesInALoopUnderACondition));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kernels")
  void transferIsKeptOrDropped(
      String name, boolean keeps, Task3<KernelContext, FloatArray, Integer> code) {
    KernelContext context = new KernelContext();
    FloatArray x = Runs.floats(2 * THREADS);
    FloatArray out = new FloatArray(THREADS);
    Runnable run =
        () ->
            Runs.run(
                Runs.grid(THREADS, THREADS),
                g ->
                    g.transferToDevice(Runs.FIRST, x)
                        .task("before", code, context, x, THREADS)
                        .task("k", DroppedTransferTest::readsTheRest, context, x, out)
                        .transferToHost(Runs.EVERY, out));
    if (keeps) {
      run.run();
      assertEquals(THREADS, out.get(0));
    } else {
      assertEquals(FaultKind.UNWRITTEN_READ, assertThrows(SimulatorFault.class, run::run).kind());
    }
  }
}
