package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.KernelStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the statistics of the launches of one thread. */
public final class StatisticsRecorder {
  private static final ThreadLocal<@Nullable StatisticsRecorder> ACTIVE = new ThreadLocal<>();

  private final Map<String, TaskLog> tasks = new LinkedHashMap<>();

  private StatisticsRecorder() {}

  /** Starts to collect for this thread. */
  public static StatisticsRecorder start() {
    if (ACTIVE.get() != null) {
      throw new IllegalStateException("This thread records statistics already: close that first");
    }
    StatisticsRecorder recorder = new StatisticsRecorder();
    ACTIVE.set(recorder);
    return recorder;
  }

  /** Ends the collection. */
  public void stop() {
    if (ACTIVE.get() == this) {
      ACTIVE.remove();
    }
  }

  /** Returns the log of a launch: one that counts where this thread collects statistics. */
  static LaunchLog log(CompiledKernel kernel, String task, List<Object> arguments, Grid grid) {
    StatisticsRecorder recorder = ACTIVE.get();
    if (recorder == null) {
      return LaunchLog.NONE;
    }
    if (!kernel.checked()) {
      throw new IllegalStateException(
          "Statistics need the checked mode: take -Dhydragen.simulator.mode=plain away");
    }
    TaskLog log = recorder.log(kernel, task);
    log.launch(arguments, grid);
    return log;
  }

  /** Two plans can have tasks of the same name with different kernels. */
  private TaskLog log(CompiledKernel kernel, String task) {
    TaskLog known = tasks.get(task);
    boolean other = known != null && known.sites() != kernel.sites();
    return tasks.computeIfAbsent(
        other ? task + " " + kernel.key() : task, name -> new TaskLog(name, kernel.sites()));
  }

  /** Returns what each task did so far, by its name. */
  public Map<String, KernelStatistics> results() {
    Map<String, KernelStatistics> results = new LinkedHashMap<>();
    tasks.forEach((name, log) -> results.put(name, log.result()));
    return results;
  }
}
