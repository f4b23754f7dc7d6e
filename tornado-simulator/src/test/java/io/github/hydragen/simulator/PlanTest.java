package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.EVERY;
import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.floats;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** When data moves between the host and the device, and what plans and devices answer. */
class PlanTest {
  private final KernelContext context = new KernelContext();
  private final FloatArray in = floats(32);
  private final FloatArray out = new FloatArray(32);

  static void copies(KernelContext context, FloatArray from, FloatArray to) {
    to.set(context.globalIdx, from.get(context.globalIdx));
  }

  static void increments(KernelContext context, FloatArray data) {
    data.set(context.globalIdx, data.get(context.globalIdx) + 1f);
  }

  private static GridScheduler grids(String... tasks) {
    GridScheduler grids = new GridScheduler();
    for (String task : tasks) {
      grids.addWorkerGrid(task, grid(32, 32));
    }
    return grids;
  }

  private TornadoExecutionPlan copying(int mode) {
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(mode, in)
            .task("k", PlanTest::copies, context, in, out)
            .transferToHost(EVERY, out);
    return new TornadoExecutionPlan(graph.snapshot()).withGridScheduler(grids("g.k"));
  }

  @Test
  void firstExecutionCopiesOnce() throws Exception {
    try (TornadoExecutionPlan plan = copying(FIRST)) {
      plan.execute();
      in.set(0, 7f);
      plan.execute();
      assertEquals(0f, out.get(0));
      plan.freeDeviceMemory();
      assertEquals(0, plan.getCurrentDeviceMemoryUsage());
      plan.execute();
      assertEquals(7f, out.get(0));
      assertEquals(2 * (16 + 32 * 4), plan.getCurrentDeviceMemoryUsage());
    }
  }

  /** 8,192 bytes, of which a task with three arguments takes 30. */
  @Test
  void aGraphHoldsSoManyTasks() {
    TaskGraph graph = new TaskGraph("g");
    for (int i = 0; i < 273; i++) {
      graph.task("k" + i, PlanTest::copies, context, in, out);
    }
    assertThrows(
        BufferOverflowException.class,
        () -> graph.task("last", PlanTest::copies, context, in, out));
  }

  @Test
  void everyExecutionCopiesAlways() throws Exception {
    try (TornadoExecutionPlan plan = copying(EVERY)) {
      plan.execute();
      in.set(0, 7f);
      TornadoExecutionResult result = plan.execute();
      assertEquals(7f, out.get(0));
      assertEquals(16 + 32 * 4, result.getProfilerResult().getTotalBytesCopyIn());
      assertEquals(16 + 32 * 4, result.getProfilerResult().getTotalBytesCopyOut());
      assertTrue(result.getProfilerResult().getDeviceKernelTime() > 0);
    }
  }

  @Test
  void resultsStayOnTheDeviceUntilAskedFor() throws Exception {
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(FIRST, in)
            .task("k", PlanTest::increments, context, in)
            .transferToHost(DataTransferMode.UNDER_DEMAND, in);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withGridScheduler(grids("g.k"));
      plan.execute();
      TornadoExecutionResult result = plan.execute();
      assertEquals(5f, in.get(5));
      result.transferToHost(new DataRange(in).withOffset(4).withSize(2));
      assertEquals(3f, in.get(3));
      assertEquals(4f + 2f, in.get(4));
      assertEquals(5f + 2f, in.get(5));
      assertEquals(6f, in.get(6));
      result.transferToHost(in);
      assertEquals(31f + 2f, in.get(31));
      FloatArray unknown = new FloatArray(1);
      assertThrows(TornadoRuntimeException.class, () -> result.transferToHost(unknown));
    }
  }

  @Test
  void graphsHandArraysOn() throws Exception {
    FloatArray middle = new FloatArray(32);
    TaskGraph first =
        new TaskGraph("first")
            .transferToDevice(FIRST, in)
            .task("k", PlanTest::copies, context, in, middle)
            .persistOnDevice(middle);
    TaskGraph second =
        new TaskGraph("second")
            .consumeFromDevice("first", middle)
            .task("k", PlanTest::increments, context, middle)
            .transferToHost(EVERY, middle);
    try (TornadoExecutionPlan plan =
        new TornadoExecutionPlan(first.snapshot(), second.snapshot())) {
      plan.withGridScheduler(grids("first.k", "second.k"));
      assertThrows(TornadoRuntimeException.class, () -> plan.withGraph(1).execute());
      plan.withGraph(0).execute();
      plan.withGraph(1).execute();
      plan.execute();
      assertEquals(9f + 2f, middle.get(9));
      plan.withAllGraphs().execute();
      assertEquals(9f + 1f, middle.get(9));
    }
  }

  @Test
  void referencesCanComeFromElsewhere() throws Exception {
    Task3<KernelContext, FloatArray, FloatArray> code = PlanTest::copies;
    Runs.run(
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, in)
                .task("k", code, context, in, out)
                .transferToHost(EVERY, out));
    assertEquals(31f, out.get(31));
  }

  static void doesNothing(KernelContext context) {}

  static void withoutContext(FloatArray data) {
    data.set(0, 1f);
  }

  @Test
  void kernelsMustBeIdentifiable() {
    TaskGraph graph = new TaskGraph("g");
    TornadoTaskRuntimeException nothing =
        assertThrows(
            TornadoTaskRuntimeException.class,
            () -> graph.task("k", PlanTest::doesNothing, context));
    assertTrue(nothing.toString().contains("uses none of its arguments"), nothing.toString());
    assertThrows(
        TornadoTaskRuntimeException.class,
        () -> new TaskGraph("g").task("k", PlanTest::withoutContext, in));
  }

  @Test
  void taskNamesAreUnique() {
    TaskGraph graph = new TaskGraph("g").task("k", PlanTest::increments, context, in);
    assertThrows(
        TornadoTaskRuntimeException.class,
        () -> graph.task("k", PlanTest::increments, context, in));
  }

  @Test
  void gridsAreChecked() throws Exception {
    try (TornadoExecutionPlan plan = copying(FIRST)) {
      assertThrows(
          TornadoRuntimeException.class, () -> plan.withGridScheduler(grids("other.task")));
      plan.withGridScheduler(new GridScheduler("g.k", grid(32, 5)));
      assertThrows(TornadoRuntimeException.class, plan::execute);
    }
  }

  @Test
  void aCapturedGridIsFrozen() throws Exception {
    WorkerGrid grid = grid(32, 32);
    try (TornadoExecutionPlan plan = copying(FIRST)) {
      plan.withGridScheduler(new GridScheduler("g.k", grid)).withCUDAGraph();
      plan.execute();
      plan.execute();
      grid.setLocalWork(16, 1, 1);
      assertThrows(TornadoRuntimeException.class, plan::execute);
    }
  }

  @Test
  void deviceMemoryHasALimit() throws Exception {
    FloatArray large = new FloatArray(1 << 20);
    System.setProperty("tornado.device.memory", "4MB");
    try (TornadoExecutionPlan plan =
        new TornadoExecutionPlan(
            new TaskGraph("g")
                .transferToDevice(FIRST, large)
                .task("k", PlanTest::increments, context, large)
                .snapshot())) {
      plan.withGridScheduler(grids("g.k"));
      assertThrows(TornadoOutOfMemoryException.class, plan::execute);
    } finally {
      System.clearProperty("tornado.device.memory");
    }
  }

  @Test
  void warmUpExecutes() throws Exception {
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(FIRST, in)
            .task("k", PlanTest::increments, context, in)
            .transferToHost(EVERY, in);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withGridScheduler(grids("g.k")).withPreCompilation().withWarmUpIterations(3);
      assertEquals(3f, in.get(0));
      assertThrows(TornadoRuntimeException.class, () -> plan.withWarmUpIterations(-1));
    }
  }

  @Test
  void theDeviceSaysWhatItIs() {
    TornadoDevice device = TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice();
    assertEquals("Hydragen TornadoVM simulator", device.getDeviceName());
    assertEquals(4L << 30, device.getMaxGlobalMemory());
    assertEquals(48 * 1024, device.getDeviceLocalMemorySize());
    assertSame(device, TornadoExecutionPlan.getDevice(0, 0));
    assertSame(
        device,
        TornadoExecutionPlan.getTornadoDeviceMap()
            .getDevicesByName("SIMULATOR")
            .findFirst()
            .orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void otherDevicesDoNotExist(int index) {
    assertThrows(TornadoRuntimeException.class, () -> TornadoExecutionPlan.getDevice(index, 0));
    assertThrows(TornadoRuntimeException.class, () -> TornadoExecutionPlan.getDevice(0, index));
  }
}
