package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.SimulatorFault;

/** Makes the reports of faults of one launch. */
final class Faults {
  private final CompiledKernel kernel;
  private final String task;
  private final Grid grid;

  Faults(CompiledKernel kernel, String task, Grid grid) {
    this.kernel = kernel;
    this.task = task;
    this.grid = grid;
  }

  /** Reports what the thread did at an instruction. */
  SimulatorFault at(WorkItem item, int site, FaultKind kind, String detail) {
    return report(kind, item.group(), thread(item), kernel.sites().get(site).toString(), detail);
  }

  /** Reports what no single instruction or thread is to blame for. */
  SimulatorFault in(WorkGroup group, FaultKind kind, String detail) {
    return report(kind, group, "-", "in " + kernel.key(), detail);
  }

  /** Reports an exception that the kernel threw. */
  SimulatorFault thrown(WorkItem item, RuntimeException e) {
    boolean bounds = e instanceof IndexOutOfBoundsException;
    SimulatorFault fault =
        report(
            bounds ? FaultKind.OUT_OF_BOUNDS : FaultKind.KERNEL_EXCEPTION,
            item.group(),
            thread(item),
            place(e),
            e.toString());
    fault.initCause(e);
    return fault;
  }

  private String place(RuntimeException e) {
    for (StackTraceElement frame : e.getStackTrace()) {
      if (frame.getMethodName().endsWith(CompiledKernel.TWIN_SUFFIX)) {
        String method = frame.getMethodName().replace(CompiledKernel.TWIN_SUFFIX, "");
        return "at %s.%s(line %d)".formatted(frame.getClassName(), method, frame.getLineNumber());
      }
    }
    return "in " + kernel.key();
  }

  /** Returns how messages name a thread. */
  String thread(WorkItem item) {
    return Grid.describe(grid.thread(item.number()));
  }

  /** Returns how messages name an instruction. */
  String site(int number) {
    return kernel.sites().get(number).toString();
  }

  private SimulatorFault report(
      FaultKind kind, WorkGroup group, String thread, String place, String detail) {
    return new SimulatorFault(
        kind,
        "%s (%s)".formatted(task, kernel.key()),
        Grid.describe(grid.group(group.number())),
        thread,
        place,
        detail);
  }
}
