package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.SimulatorFault;
import io.github.hydragen.simulator.memory.Stamp;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Runs the threads of a work-group in a fixed order: each up to where it waits for others, the
 * threads of a warp until all of them wait at a barrier, and the warps one after another.
 */
final class WorkGroup {
  private final KernelLaunch launch;
  private final long number;
  private final List<WorkItem> items = new ArrayList<>();
  private final List<Object[]> frames = new ArrayList<>();
  private final List<Warp> warps = new ArrayList<>();
  private int localBarriers;
  private int globalBarriers;

  WorkGroup(KernelLaunch launch, long number) {
    this.launch = launch;
    this.number = number;
    int threads = launch.grid().groupThreads();
    for (int i = 0; i < threads; i++) {
      WorkItem item = new WorkItem(this, i);
      items.add(item);
      frames.add(frame(item));
    }
    for (int i = 0; i < threads; i += Warp.LANES) {
      warps.add(new Warp(this, items.subList(i, Math.min(threads, i + Warp.LANES))));
    }
  }

  private Object[] frame(WorkItem item) {
    Object[] arguments = launch.arguments();
    Object[] frame = new Object[arguments.length + 1];
    for (int i = 0; i < arguments.length; i++) {
      frame[i] =
          arguments[i] instanceof KernelContext
              ? KernelContexts.create(ids(item.number()))
              : arguments[i];
    }
    frame[arguments.length] = item;
    return frame;
  }

  private Integer[] ids(int thread) {
    Grid grid = launch.grid();
    int[] group = grid.group(number);
    int[] local = grid.thread(thread);
    Integer[] ids = new Integer[15];
    for (int i = 0; i < 3; i++) {
      ids[i] = grid.offset(i) + group[i] * grid.local(i) + local[i];
      ids[3 + i] = group[i];
      ids[6 + i] = local[i];
      ids[9 + i] = grid.global(i);
      ids[12 + i] = grid.local(i);
    }
    return ids;
  }

  KernelLaunch launch() {
    return launch;
  }

  /** Returns the number of the group in its grid. */
  long number() {
    return number;
  }

  long localStamp(int thread) {
    return Stamp.of(launch.firstGroup() + number, localBarriers, thread);
  }

  long globalStamp(int thread) {
    return Stamp.of(launch.firstGroup() + number, globalBarriers, thread);
  }

  void run() {
    launch.local().nextGroup();
    try {
      do {
        warps.forEach(Warp::run);
      } while (passedBarrier());
      checkAllocations();
    } finally {
      items.forEach(WorkItem::abandon);
    }
  }

  /** Lets the thread run up to where it waits or ends. */
  void advance(WorkItem item) {
    try {
      Object[] frame = frames.get(item.number());
      if (launch.kernel().carried()) {
        // A block: as an expression it would be a call that returns something.
        item.carry(
            () -> {
              launch.kernel().twin().invokeExact(frame);
            });
      } else {
        launch.kernel().twin().invokeExact(frame);
      }
    } catch (SimulatorFault fault) {
      throw fault;
    } catch (RuntimeException e) {
      throw launch.faults().thrown(item, e);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a kernel cannot throw this", e);
    }
    if (!item.isSuspended()) {
      finish(item);
    }
  }

  private void finish(WorkItem item) {
    if (!item.copies().isEmpty()) {
      throw launch
          .faults()
          .in(this, FaultKind.ASYNC_COPY_PENDING, "a thread ends with copies under way");
    }
    item.finish();
  }

  private boolean passedBarrier() {
    WorkItem first = items.getFirst();
    for (WorkItem item : items) {
      if (item.state() != first.state() || (item.isSuspended() && item.site() != first.site())) {
        throw launch
            .faults()
            .in(
                this,
                FaultKind.BARRIER_DIVERGENCE,
                "%s and %s".formatted(describe(first), describe(item)));
      }
    }
    if (!first.isSuspended()) {
      return false;
    }
    pass((Collective.Barrier) first.collective());
    return true;
  }

  private void pass(Collective.Barrier barrier) {
    launch.log().barrier();
    if (barrier.global()) {
      globalBarriers++;
    } else {
      localBarriers++;
    }
    items.forEach(WorkItem::release);
  }

  String describe(WorkItem item) {
    String thread = "thread " + launch.faults().thread(item);
    return item.isSuspended()
        ? "%s waits in %s".formatted(thread, launch.faults().site(item.site()))
        : thread + " has ended";
  }

  private void checkAllocations() {
    for (WorkItem item : items) {
      if (item.allocations() != launch.local().count()) {
        throw launch
            .faults()
            .in(
                this,
                FaultKind.LOCAL_ALLOCATION_MISMATCH,
                "thread %s makes %d local arrays; others make %d"
                    .formatted(
                        launch.faults().thread(item), item.allocations(), launch.local().count()));
      }
    }
  }
}
