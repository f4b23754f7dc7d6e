package io.github.hydragen.simulator;

import io.github.hydragen.simulator.runtime.StatisticsRecorder;
import java.util.Map;

/**
 * Counts what kernels do, from {@link #record()} until it is closed, for the plans that the same
 * thread executes:
 *
 * <pre>{@code
 * try (SimulatorStatistics statistics = SimulatorStatistics.record()) {
 *   plan.execute();
 *   assertTrue(statistics.kernel("graph.task").loads().isCoalesced());
 * }
 * }</pre>
 *
 * Needs the checked mode, in which the simulator watches every access to memory.
 */
public final class SimulatorStatistics implements AutoCloseable {
  private final StatisticsRecorder recorder;

  private SimulatorStatistics(StatisticsRecorder recorder) {
    this.recorder = recorder;
  }

  /**
   * Starts to count.
   *
   * @throws IllegalStateException if this thread counts already
   */
  public static SimulatorStatistics record() {
    return new SimulatorStatistics(StatisticsRecorder.start());
  }

  /**
   * Returns what a task did so far.
   *
   * @param task the name of the graph, a dot and the id of the task
   * @throws IllegalArgumentException if it has not run
   */
  public KernelStatistics kernel(String task) {
    KernelStatistics found = kernels().get(task);
    if (found == null) {
      throw new IllegalArgumentException(
          "Task %s has not run; these have: %s".formatted(task, kernels().keySet()));
    }
    return found;
  }

  /** Returns what each task did so far, by its name. */
  public Map<String, KernelStatistics> kernels() {
    return recorder.results();
  }

  /** Stops counting. What was counted stays readable. */
  @Override
  public void close() {
    recorder.stop();
  }
}
