package uk.ac.manchester.tornado.api;

import io.github.hydragen.simulator.engine.PlanExecutor;

/** What one execution of a plan left behind. */
public class TornadoExecutionResult {
  private final PlanExecutor executor;
  private final TornadoProfilerResult profilerResult;

  TornadoExecutionResult(PlanExecutor executor, TornadoProfilerResult profilerResult) {
    this.executor = executor;
    this.profilerResult = profilerResult;
  }

  /** Returns what the profiler measured. */
  public TornadoProfilerResult getProfilerResult() {
    return profilerResult;
  }

  /** Copies arrays that a graph of the plan declared back to the host. */
  public TornadoExecutionResult transferToHost(Object... objects) {
    executor.transferToHost(objects);
    return this;
  }

  /** Copies part of an array that a graph of the plan declared back to the host. */
  public TornadoExecutionResult transferToHost(DataRange dataRange) {
    dataRange.materialize();
    executor.transferToHost(
        dataRange.getArray(), dataRange.getOffset(), dataRange.getPartialSize());
    return this;
  }

  /** Tells whether the execution is over; always so, as executions are synchronous. */
  public boolean isReady() {
    return true;
  }
}
