package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.memory.DeviceArray;
import io.github.hydragen.simulator.memory.Stamp;
import java.util.List;

/** One execution of a kernel over a grid: its work-groups one after another. */
public final class KernelLaunch {
  private final CompiledKernel kernel;
  private final Object[] arguments;
  private final Grid grid;
  private final long firstGroup;
  private final Faults faults;
  private final LocalMemory local;
  private final LaunchLog log;
  private final MemoryWatch watch;

  /**
   * Prepares a launch.
   *
   * @param kernel the kernel
   * @param task how messages name the task
   * @param arguments the arguments, with the views of device arrays in place of the host's
   * @param arrays the device arrays among them
   * @param grid the threads
   * @param firstGroup the serial number of the first work-group: larger than any before, from 1
   */
  public KernelLaunch(
      CompiledKernel kernel,
      String task,
      Object[] arguments,
      List<DeviceArray> arrays,
      Grid grid,
      long firstGroup) {
    if (firstGroup + grid.groups() >= Stamp.MAX_GROUPS) {
      throw new IllegalArgumentException("a plan runs fewer than 2^30 work-groups");
    }
    this.kernel = kernel;
    this.arguments = arguments;
    this.grid = grid;
    this.firstGroup = firstGroup;
    faults = new Faults(kernel, task, grid);
    local = new LocalMemory(faults);
    log = StatisticsRecorder.log(kernel, task, List.of(arguments), grid);
    watch =
        new MemoryWatch(
            kernel.checked(), faults, local, arrays, firstGroup, kernel.sites().size(), log);
  }

  /** Runs the kernel; returns the serial number after that of the last work-group. */
  public long run() {
    if (kernel.carried()) {
      // Virtual threads hand over to each other faster than a thread of the system's does to them.
      Carrier.join(this::runGroups);
    } else {
      runGroups();
    }
    return firstGroup + grid.groups();
  }

  private void runGroups() {
    for (long group = 0; group < grid.groups(); group++) {
      new WorkGroup(this, group).run();
    }
  }

  CompiledKernel kernel() {
    return kernel;
  }

  Object[] arguments() {
    return arguments;
  }

  Grid grid() {
    return grid;
  }

  long firstGroup() {
    return firstGroup;
  }

  Faults faults() {
    return faults;
  }

  LocalMemory local() {
    return local;
  }

  LaunchLog log() {
    return log;
  }

  MemoryWatch watch() {
    return watch;
  }
}
