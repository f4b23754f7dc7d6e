package uk.ac.manchester.tornado.api;

import io.github.hydragen.simulator.engine.ExecutionProfile;
import io.github.hydragen.simulator.engine.PlanExecutor;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * Executes task graphs and owns their device memory until it is closed. Not safe for use by several
 * threads at once.
 */
public class TornadoExecutionPlan implements AutoCloseable {
  /** The device that a plan uses unless told otherwise. */
  public static TornadoDevice DEFAULT_DEVICE =
      TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice();

  private static final AtomicLong PLANS = new AtomicLong();

  private final long id = PLANS.incrementAndGet();
  private final PlanExecutor executor;

  /** Creates a plan that executes these graphs in this order. */
  public TornadoExecutionPlan(ImmutableTaskGraph... immutableTaskGraphs) {
    executor =
        new PlanExecutor(
            Arrays.stream(immutableTaskGraphs).map(ImmutableTaskGraph::graph).toList(),
            DEFAULT_DEVICE);
  }

  /** Returns a device by the index of its backend and its index there. */
  public static TornadoDevice getDevice(int driverIndex, int deviceIndex) {
    return TornadoRuntimeProvider.getTornadoRuntime()
        .getBackend(driverIndex)
        .getDevice(deviceIndex);
  }

  /** Returns the number of plans made so far. */
  public static int getTotalPlans() {
    return PLANS.intValue();
  }

  /** Returns the backends and devices of this JVM. */
  public static TornadoDeviceMap getTornadoDeviceMap() {
    return new TornadoDeviceMap();
  }

  /** Executes the selected graphs: copies in, kernels, copies out. */
  public TornadoExecutionResult execute() {
    ExecutionProfile profile = executor.execute();
    return new TornadoExecutionResult(executor, new TornadoProfilerResult(profile));
  }

  /** Selects the one graph to execute. */
  public TornadoExecutionPlan withGraph(int graphIndex) {
    executor.selectGraph(graphIndex);
    return this;
  }

  /** Selects all graphs for execution. */
  public TornadoExecutionPlan withAllGraphs() {
    executor.selectAll();
    return this;
  }

  /** Prepares the kernels. */
  public TornadoExecutionPlan withPreCompilation() {
    executor.prepare();
    return this;
  }

  /** Sets the device of all tasks. */
  public TornadoExecutionPlan withDevice(TornadoDevice device) {
    executor.setDevice(device);
    return this;
  }

  /** Returns the device of a graph. */
  public TornadoDevice getDevice(int immutableTaskGraphIndex) {
    return executor.device(immutableTaskGraphIndex);
  }

  /** Frees the device memory of all graphs. */
  public TornadoExecutionPlan freeDeviceMemory() {
    executor.freeDeviceMemory();
    return this;
  }

  /** Sets the grids of the tasks. */
  public TornadoExecutionPlan withGridScheduler(GridScheduler gridScheduler) {
    executor.setGrids(gridScheduler);
    return this;
  }

  /** Turns the profiler on. */
  public TornadoExecutionPlan withProfiler(ProfilerMode profilerMode) {
    executor.setProfilerMode(profilerMode);
    return this;
  }

  /** Turns the profiler off. */
  public TornadoExecutionPlan withoutProfiler() {
    executor.setProfilerMode(null);
    return this;
  }

  /** Returns the number of the plan, from 1. */
  public long getId() {
    return id;
  }

  /** Returns the number of plans made so far. */
  public long getGlobalExecutionPlansCounter() {
    return PLANS.get();
  }

  /** Accepted and without effect: the simulator prints no thread information. */
  public TornadoExecutionPlan withThreadInfo() {
    return this;
  }

  /** Accepted and without effect: the simulator generates no code. */
  public TornadoExecutionPlan withPrintKernel() {
    return this;
  }

  /** Accepted and without effect: the simulator generates no code. */
  public TornadoExecutionPlan withCompilerFlags(
      TornadoVMBackendType backend, String compilerFlags) {
    return this;
  }

  /** Frees the device memory of all graphs. */
  @Override
  public void close() throws TornadoExecutionPlanException {
    executor.freeDeviceMemory();
  }

  /** Returns the bytes of device memory in use. */
  public long getCurrentDeviceMemoryUsage() {
    return executor.deviceBytes();
  }

  /** Executes the plan for at least this time. */
  public TornadoExecutionPlan withWarmUpTime(long milliseconds) throws InterruptedException {
    checkWarmUp(milliseconds);
    executor.warmUpFor(milliseconds);
    return this;
  }

  /** Executes the plan this many times. */
  public TornadoExecutionPlan withWarmUpIterations(int iterations) {
    checkWarmUp(iterations);
    for (int i = 0; i < iterations; i++) {
      executor.execute();
    }
    return this;
  }

  private static void checkWarmUp(long amount) {
    if (amount < 0) {
      throw new TornadoRuntimeException("Warm-up must not be negative; got " + amount);
    }
  }

  /** Freezes the grids with the next execution, as a captured CUDA graph does. */
  public TornadoExecutionPlan withCUDAGraph() {
    executor.freezeGrids();
    return this;
  }
}
