package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.floats;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** What the simulator counts, for accesses whose numbers are known. */
class StatisticsTest {
  private final KernelContext context = new KernelContext();
  private final FloatArray in = floats(64 * 33);
  private final FloatArray out = new FloatArray(64);

  private KernelStatistics strided(int stride) {
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      Runs.run(
          grid(64, 64),
          g ->
              g.transferToDevice(FIRST, in)
                  .task("k", StatisticsTest::copies, context, in, out, stride));
      return statistics.kernel("g.k");
    }
  }

  static void copies(KernelContext context, FloatArray in, FloatArray out, int stride) {
    out.set(context.globalIdx, in.get(context.globalIdx * stride));
  }

  @Test
  void neighboursAreCoalesced() {
    KernelStatistics kernel = strided(1);
    // The header of 16 bytes moves each 128 bytes over a sector's border, which both warps read.
    assertEquals(new GlobalTraffic(64, 256, 2, 10, 10, 1), kernel.loadsOf(1));
    assertEquals(new GlobalTraffic(64, 256, 2, 10, 10, 0), kernel.storesOf(2));
    assertEquals(kernel.loads(), kernel.loadsOf(1));
    assertEquals(GlobalTraffic.NONE, kernel.storesOf(1));
    assertTrue(kernel.loads().isCoalesced());
    assertEquals(1, kernel.launches());
    assertEquals(1, kernel.workGroups());
    assertEquals(64, kernel.threads());
  }

  @Test
  void strangersAreNot() {
    KernelStatistics kernel = strided(8);
    assertEquals(new GlobalTraffic(64, 256, 2, 64, 10, 0), kernel.loadsOf(1));
    assertFalse(kernel.loads().isCoalesced());
  }

  @Test
  void oneElementForAllIsOneSector() {
    assertEquals(new GlobalTraffic(64, 256, 2, 2, 2, 1), strided(0).loadsOf(1));
  }

  /** Every thread reads a long, and those of the second half of the group the same again. */
  static void longs(KernelContext context, LongArray in, FloatArray out, int distinct) {
    long four = in.get(context.localIdx % distinct);
    out.set(context.globalIdx, (int) four);
  }

  private static GlobalTraffic longLoads(int groups, int distinct) {
    LongArray in = new LongArray(64);
    FloatArray out = new FloatArray(64 * groups);
    in.init(3);
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      Runs.run(
          grid(64 * groups, 64),
          g ->
              g.transferToDevice(FIRST, in)
                  .task("k", StatisticsTest::longs, new KernelContext(), in, out, distinct));
      return statistics.kernel("g.k").loadsOf(1);
    }
  }

  @Test
  void aWarpsLoadOf64BitsTakesEightSectorsAndOneForTheHeader() {
    assertEquals(new GlobalTraffic(64, 512, 2, 18, 18, 1), longLoads(1, 64));
  }

  /** Of other groups nothing is known: their reads are not repetitions. */
  @Test
  void whatASecondWarpReadsAgain() {
    assertEquals(new GlobalTraffic(64, 512, 2, 18, 18, 9), longLoads(1, 32));
    assertEquals(new GlobalTraffic(128, 1024, 4, 36, 36, 18), longLoads(2, 32));
  }

  static void banks(KernelContext context, FloatArray out, int stride) {
    float[] shared = context.allocateFloatLocalArray(32 * 33);
    shared[context.localIdx * stride] = 1f;
    context.localBarrier();
    out.set(context.localIdx, shared[context.localIdx * stride]);
  }

  private KernelStatistics localStride(int stride) {
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      Runs.run(grid(32, 32), g -> g.task("k", StatisticsTest::banks, context, out, stride));
      return statistics.kernel("g.k");
    }
  }

  @Test
  void bankConflicts() {
    assertEquals(new LocalTraffic(64, 2, 0), localStride(1).local());
    assertEquals(new LocalTraffic(64, 2, 2), localStride(2).local());
    assertEquals(new LocalTraffic(64, 2, 2 * 31), localStride(32).local());
    assertEquals(new LocalTraffic(64, 2, 0), localStride(33).local());
    assertEquals(1, localStride(1).barriers());
  }

  static void matrices(KernelContext context, HalfFloatArray in, FloatArray out) {
    int[] tile = context.allocateIntLocalArray(128);
    for (int i = context.localIdx; i < 128; i += 32) {
      context.asyncCopyToLocal(tile, i, in, 2 * i);
    }
    context.asyncCopyCommit();
    context.asyncCopyWaitGroup(0);
    context.localBarrier();
    HalfFloat[] a = context.mmaLoadA(tile, 16);
    HalfFloat[] b = context.mmaLoadB(tile, 16);
    float[] sum = context.mma(a, b, context.mmaFragment(0f), MMAShape.M16N8K16);
    context.mmaStore(sum, out, 0, 0, 8);
    out.set(128 + context.localIdx, context.simdSum(1f));
  }

  @Test
  void matrixInstructions() {
    HalfFloatArray halves = new HalfFloatArray(256);
    FloatArray results = new FloatArray(160);
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      Runs.run(
          grid(32, 32),
          g ->
              g.transferToDevice(FIRST, halves)
                  .task("k", StatisticsTest::matrices, context, halves, results));
      KernelStatistics kernel = statistics.kernel("g.k");
      assertEquals(1, kernel.matrixOperations());
      assertEquals(1, kernel.shuffles());
      assertEquals(1, kernel.barriers());
      assertEquals(new GlobalTraffic(128, 512, 4, 20, 20, 0), kernel.loadsOf(1));
      // Rows of 32 bytes: lanes 0 and 4 of each of A's four matrices share banks.
      assertEquals(new LocalTraffic(32, 4, 4), site(kernel, "mmaLoadA").local());
      assertEquals(new LocalTraffic(16, 2, 0), site(kernel, "mmaLoadB").local());
    }
  }

  private static SiteStatistics site(KernelStatistics kernel, String action) {
    return kernel.sites().stream().filter(s -> s.action().equals(action)).findFirst().orElseThrow();
  }

  @Test
  void launchesAddUp() {
    try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
      for (int i = 0; i < 2; i++) {
        Runs.run(
            grid(64, 64),
            g ->
                g.transferToDevice(FIRST, in)
                    .task("k", StatisticsTest::copies, context, in, out, 1));
      }
      assertEquals(2, statistics.kernel("g.k").launches());
      assertEquals(4, statistics.kernel("g.k").loadsOf(1).requests());
      assertThrows(IllegalArgumentException.class, () -> statistics.kernel("g.other"));
      assertThrows(IllegalStateException.class, SimulatorStatistics::record);
    }
  }
}
