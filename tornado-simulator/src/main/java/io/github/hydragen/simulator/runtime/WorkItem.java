package io.github.hydragen.simulator.runtime;

import org.jspecify.annotations.Nullable;

/**
 * One thread of a work-group. Its kernel is a twin (a rewritten method): where threads wait for
 * each other the twin saves its variables here and returns, and it continues there when it is
 * called again.
 */
public final class WorkItem {
  /** What the thread is doing. */
  enum State {
    RUNNING,
    WAITING,
    FINISHED
  }

  private final WorkGroup group;
  private final int number;
  private final MemoryWatch watch;
  private final SaveArea saved = new SaveArea();
  private final AsyncCopies copies = new AsyncCopies();
  private @Nullable Carrier carrier;
  private State state = State.RUNNING;
  private boolean resuming;
  private int allocations;
  private int site;
  private @Nullable Collective collective;
  private float floatResult;
  private @Nullable Object result;

  WorkItem(WorkGroup group, int number) {
    this.group = group;
    this.number = number;
    watch = group.launch().watch();
  }

  WorkGroup group() {
    return group;
  }

  /** Returns the number of the thread in its group; x runs fastest. */
  int number() {
    return number;
  }

  MemoryWatch watch() {
    return watch;
  }

  /** Returns who and when, for accesses to local memory. */
  long localStamp() {
    return group.localStamp(number);
  }

  /** Returns who and when, for accesses to global memory. */
  long globalStamp() {
    return group.globalStamp(number);
  }

  AsyncCopies copies() {
    return copies;
  }

  State state() {
    return state;
  }

  /** Returns the instruction at which the thread waits, or the one of its last allocation. */
  int site() {
    return site;
  }

  /** Returns what the thread waits for. */
  Collective collective() {
    if (collective == null) {
      throw new IllegalStateException("the thread waits for nothing");
    }
    return collective;
  }

  int nextAllocation(int at) {
    site = at;
    return allocations++;
  }

  int allocations() {
    return allocations;
  }

  void finish() {
    state = State.FINISHED;
  }

  /** Makes the thread wait; its kernel leaves right after. */
  void await(Collective what, int at) {
    collective = what;
    site = at;
    state = State.WAITING;
  }

  /** Lets the thread go on when its kernel is called the next time. */
  void release() {
    state = State.RUNNING;
    resuming = true;
  }

  void release(float value) {
    floatResult = value;
    release();
  }

  void release(Object value) {
    result = value;
    release();
  }

  /** Runs a kernel that is carried, up to where the thread waits or ends. */
  void carry(Carrier.Body kernel) throws Throwable {
    if (carrier == null) {
      carrier = new Carrier(kernel);
    }
    carrier.resume();
  }

  /** Stops here; for kernels that are carried. */
  public void pause() {
    if (carrier != null) {
      carrier.pause();
    }
  }

  /** Ends a thread that will not go on. */
  void abandon() {
    if (carrier != null && state != State.FINISHED) {
      carrier.abandon();
    }
  }

  SaveArea saved() {
    return saved;
  }

  /** Tells whether the kernel was called to continue. */
  public boolean isResuming() {
    return resuming;
  }

  /** Tells whether the kernel has to leave. */
  public boolean isSuspended() {
    return state == State.WAITING;
  }

  /** Ends the way back: the innermost method has its variables again. */
  public void resumed() {
    resuming = false;
  }

  /** Returns what the collective operation gave this thread. */
  public float floatResult() {
    return floatResult;
  }

  /** Returns what the collective operation gave this thread. */
  public @Nullable Object result() {
    Object value = result;
    result = null;
    return value;
  }

  /** Takes back a variable. */
  public int restoreInt() {
    return (int) saved.popNumber();
  }

  /** Takes back a variable. */
  public long restoreLong() {
    return saved.popNumber();
  }

  /** Takes back a variable. */
  public float restoreFloat() {
    return Float.intBitsToFloat((int) saved.popNumber());
  }

  /** Takes back a variable. */
  public double restoreDouble() {
    return Double.longBitsToDouble(saved.popNumber());
  }

  /** Takes back a variable. */
  public @Nullable Object restoreObject() {
    return saved.popObject();
  }
}
