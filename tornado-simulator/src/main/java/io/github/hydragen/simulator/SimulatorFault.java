package io.github.hydragen.simulator;

/** A fault in a kernel: what it is, and the kernel, work-group, thread and place it happened in. */
public final class SimulatorFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FaultKind kind;
  private final String kernel;
  private final String workGroup;
  private final String thread;
  private final String place;

  /**
   * Creates the report of a fault.
   *
   * @param kind what is wrong
   * @param kernel the task and the method
   * @param workGroup the ids of the work-group, such as {@code (0, 2, 0)}
   * @param thread the local ids of the thread; {@code "-"} where no single one is to blame
   * @param place the instruction
   * @param detail what exactly happened
   */
  public SimulatorFault(
      FaultKind kind, String kernel, String workGroup, String thread, String place, String detail) {
    super(
        "%s: %s; kernel %s, work-group %s, thread %s, %s"
            .formatted(kind, detail, kernel, workGroup, thread, place));
    this.kind = kind;
    this.kernel = kernel;
    this.workGroup = workGroup;
    this.thread = thread;
    this.place = place;
  }

  /** Returns what is wrong. */
  public FaultKind kind() {
    return kind;
  }

  /** Returns the task and the method. */
  public String kernel() {
    return kernel;
  }

  /** Returns the ids of the work-group. */
  public String workGroup() {
    return workGroup;
  }

  /** Returns the local ids of the thread; {@code "-"} where no single one is to blame. */
  public String thread() {
    return thread;
  }

  /** Returns the instruction, with its source line. */
  public String place() {
    return place;
  }
}
