package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.EVERY;
import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.floats;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/** What kernels compute: ids, barriers in odd places, shuffles, and variables that survive them. */
class ExecutionTest {
  private static final float SCALE = Float.parseFloat("0.5");

  private final KernelContext context = new KernelContext();

  static void ids(KernelContext context, IntArray out) {
    int x = context.globalIdx;
    int y = context.globalIdy;
    int z = context.globalIdz;
    int i = (z * context.globalGroupSizeY + y) * context.globalGroupSizeX + x;
    boolean consistent =
        x == context.groupIdx * context.localGroupSizeX + context.localIdx
            && y == context.groupIdy * context.localGroupSizeY + context.localIdy
            && z == context.groupIdz * context.localGroupSizeZ + context.localIdz;
    out.set(i, consistent ? i : -1);
  }

  @Test
  void everyThreadHasItsIds() {
    WorkerGrid3D grid = new WorkerGrid3D(8, 4, 6);
    grid.setLocalWork(4, 2, 3);
    IntArray out = new IntArray(8 * 4 * 6);
    Runs.run(grid, g -> g.task("k", ExecutionTest::ids, context, out).transferToHost(EVERY, out));
    for (int i = 0; i < out.getSize(); i++) {
      assertEquals(i, out.get(i));
    }
  }

  static float swapped(KernelContext context, FloatArray scratch, float mine, int i, int n) {
    scratch.set(context.groupIdx * n + i, mine);
    context.globalBarrier();
    float other = scratch.get(context.groupIdx * n + n - 1 - i);
    context.globalBarrier();
    return other * SCALE;
  }

  static void waitsInAHelper(KernelContext context, FloatArray scratch, FloatArray out, int n) {
    int i = context.localIdx;
    long big = 1L << 40;
    double precise = 0.25;
    float sum = 0f;
    for (int round = 0; round < 3; round++) {
      sum += (float) precise + swapped(context, scratch, i + round, i, n) * context.groupIdx;
    }
    out.set(context.globalIdx, big == 1L << 40 ? sum : -1f);
  }

  @Test
  void helpersCanWait() {
    FloatArray scratch = new FloatArray(32);
    FloatArray out = new FloatArray(32);
    Runs.run(
        grid(32, 16),
        g ->
            g.task("k", ExecutionTest::waitsInAHelper, context, scratch, out, 16)
                .transferToHost(EVERY, out));
    assertEquals(0.75f, out.get(3));
    assertEquals(0.75f + 0.5f * (12 + 13 + 14), out.get(16 + 3));
  }

  static void shuffles(KernelContext context, FloatArray out) {
    float lane = context.localIdx % 32;
    int i = context.globalIdx;
    out.set(i, 1000f * context.simdSum(lane) + context.simdBroadcastFirst(lane + 5f));
    out.set(i + 64, context.simdShuffleDown(lane, 8));
  }

  @Test
  void shufflesExchangeNumbers() {
    FloatArray out = new FloatArray(128);
    Runs.run(
        grid(64, 64),
        g -> g.task("k", ExecutionTest::shuffles, context, out).transferToHost(EVERY, out));
    for (int i = 0; i < 64; i++) {
      int lane = i % 32;
      assertEquals(1000f * 496 + 5, out.get(i));
      assertEquals(lane + 8 < 32 ? lane + 8 : lane, out.get(i + 64));
    }
  }

  static void control(KernelContext context, IntArray out) {
    int i = context.localIdx;
    int result;
    switch (i % 4) {
      case 0 -> result = 10;
      case 1 -> result = 20;
      case 3 -> result = 40;
      default -> result = -1;
    }
    int[] shared = context.allocateIntLocalArray(8);
    int steps = 0;
    while (steps < 3) {
      if (steps == 2) {
        break;
      }
      shared[i] = result + steps;
      context.localBarrier();
      result = shared[7 - i];
      context.localBarrier();
      steps++;
    }
    context.atomicAdd(shared, 0, steps);
    context.localBarrier();
    out.set(i, result + (i == 0 ? shared[0] : 0));
  }

  @Test
  void switchesLoopsAndAtomics() {
    IntArray out = new IntArray(8);
    Runs.run(
        grid(8, 8),
        g -> g.task("k", ExecutionTest::control, context, out).transferToHost(EVERY, out));
    int[] initial = {10, 20, -1, 40, 10, 20, -1, 40};
    for (int i = 1; i < 8; i++) {
      assertEquals(initial[i] + 1, out.get(i));
    }
    int lastWritten = initial[7] + 1;
    assertEquals(initial[0] + 1 + lastWritten + 16, out.get(0));
  }

  static void halves(KernelContext context, HalfFloatArray in, LongArray packed, FloatArray out) {
    Half2[] pairs = context.allocateHalf2LocalArray(16);
    HalfFloat[] single = context.allocateHalfFloatLocalArray(16);
    int i = context.localIdx;
    Half2 pair = in.getHalf2(2 * i);
    pairs[i] = pair;
    pair.setX(new HalfFloat(100f));
    single[i] = HalfFloat.add(in.get(2 * i), in.get(2 * i + 1));
    context.localBarrier();
    Half2 other = pairs[15 - i];
    float low = (short) packed.get(i);
    out.set(i, Half2.lowFloat(other) + Half2.highFloat(other) + single[i].getFloat32() + low);
  }

  @Test
  void halvesArePassedByValue() {
    HalfFloatArray in = new HalfFloatArray(32);
    LongArray packed = new LongArray(16);
    for (int i = 0; i < 32; i++) {
      in.set(i, new HalfFloat(i));
    }
    for (int i = 0; i < 16; i++) {
      packed.set(i, (1L << 32) | i);
    }
    FloatArray out = new FloatArray(16);
    Runs.run(
        grid(16, 16),
        g ->
            g.transferToDevice(FIRST, in, packed)
                .task("k", ExecutionTest::halves, context, in, packed, out)
                .transferToHost(EVERY, out));
    for (int i = 0; i < 16; i++) {
      assertEquals(4 * (15 - i) + 1 + 4 * i + 1 + i, out.get(i));
    }
  }

  static void early(KernelContext context, FloatArray in, FloatArray out) {
    if (context.globalIdx >= 20) {
      return;
    }
    out.set(context.globalIdx, in.get(context.globalIdx));
  }

  @Test
  void threadsCanReturnEarly() {
    FloatArray in = floats(20);
    FloatArray out = new FloatArray(20);
    Runs.run(
        grid(32, 16),
        g ->
            g.transferToDevice(FIRST, in)
                .task("k", ExecutionTest::early, context, in, out)
                .transferToHost(EVERY, out));
    assertEquals(19f, out.get(19));
  }

  @Test
  void plainModeComputesTheSame() {
    System.setProperty("hydragen.simulator.mode", "plain");
    try {
      helpersCanWait();
      halvesArePassedByValue();
    } finally {
      System.clearProperty("hydragen.simulator.mode");
    }
  }
}
