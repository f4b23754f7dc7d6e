package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.floats;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A planted fault of every kind that has to do with how threads wait for each other. */
class SynchronizationFaultTest {
  private final KernelContext context = new KernelContext();
  private final FloatArray out = new FloatArray(64);

  static void someThreadsWait(KernelContext context, FloatArray out) {
    out.set(context.globalIdx, 0f);
    if (context.localIdx < 16) {
      context.localBarrier();
    }
  }

  @Test
  void barrierUnderACondition() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.BARRIER_DIVERGENCE,
            grid(64, 32),
            g -> g.task("k", SynchronizationFaultTest::someThreadsWait, context, out));
    Runs.assertSays("thread (16, 0, 0) has ended", fault);
  }

  static void waitInTwoPlaces(KernelContext context, FloatArray out) {
    if (context.localIdx < 16) {
      context.localBarrier();
    } else {
      context.globalBarrier();
    }
    out.set(context.globalIdx, 0f);
  }

  @Test
  void barriersInDifferentPlaces() {
    Runs.fault(
        FaultKind.BARRIER_DIVERGENCE,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::waitInTwoPlaces, context, out));
  }

  static void sizesDiffer(KernelContext context, FloatArray out) {
    int size = context.localIdx < 16 ? 8 : 16;
    float[] shared = context.allocateFloatLocalArray(size);
    out.set(context.globalIdx, shared.length);
  }

  @Test
  void localAllocationsOfDifferentSizes() {
    Runs.fault(
        FaultKind.LOCAL_ALLOCATION_MISMATCH,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::sizesDiffer, context, out));
  }

  static void someAllocate(KernelContext context, FloatArray out) {
    int length = 0;
    if (context.localIdx < 16) {
      length = context.allocateFloatLocalArray(8).length;
    }
    out.set(context.globalIdx, length);
  }

  @Test
  void localAllocationsOfSomeThreads() {
    Runs.fault(
        FaultKind.LOCAL_ALLOCATION_MISMATCH,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::someAllocate, context, out));
  }

  static void groupsAllocateWhatTheyNeed(KernelContext context, FloatArray out) {
    if (context.groupIdx == 0) {
      float[] floats = context.allocateFloatLocalArray(32);
      floats[context.localIdx] = 1.0f;
      out.set(context.globalIdx, floats[context.localIdx]);
    } else {
      int[] ints = context.allocateIntLocalArray(64);
      ints[context.localIdx] = 2;
      out.set(context.globalIdx, ints[context.localIdx]);
    }
  }

  @Test
  void localAllocationsOfGroupsDiffer() {
    Runs.run(
        grid(64, 32),
        g ->
            g.task("k", SynchronizationFaultTest::groupsAllocateWhatTheyNeed, context, out)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, out));
    assertEquals(1.0f, out.get(31));
    assertEquals(2.0f, out.get(32));
  }

  static void allocateInALoop(KernelContext context, FloatArray out) {
    int length = 0;
    for (int i = 0; i < 2; i++) {
      length += context.allocateFloatLocalArray(8).length;
    }
    out.set(context.globalIdx, length);
  }

  @Test
  void localAllocationInALoop() {
    Runs.fault(
        FaultKind.LOCAL_ALLOCATION_MISMATCH,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::allocateInALoop, context, out));
  }

  static void allocatesTooMuch(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(12 * 1024 + 1);
    out.set(context.globalIdx, shared.length);
  }

  @Test
  void tooMuchLocalMemory() {
    Runs.fault(
        FaultKind.LOCAL_MEMORY_EXCEEDED,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::allocatesTooMuch, context, out));
  }

  static void someShuffle(KernelContext context, FloatArray out) {
    float sum = 1f;
    if (context.localIdx < 16) {
      sum = context.simdSum(sum);
    }
    out.set(context.globalIdx, sum);
  }

  @Test
  void shuffleInADivergentWarp() {
    Runs.fault(
        FaultKind.WARP_DIVERGENCE,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::someShuffle, context, out));
  }

  static void allShuffle(KernelContext context, FloatArray out) {
    out.set(context.globalIdx, context.simdSum(1f));
  }

  @Test
  void shuffleInAnIncompleteWarp() {
    Runs.fault(
        FaultKind.WARP_DIVERGENCE,
        grid(48, 48),
        g -> g.task("k", SynchronizationFaultTest::allShuffle, context, out));
  }

  static void readsNeighbour(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(32);
    shared[context.localIdx] = context.localIdx;
    out.set(context.globalIdx, shared[Math.max(0, context.localIdx - 1)]);
  }

  @Test
  void localReadAfterWriteWithoutBarrier() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.DATA_RACE,
            grid(64, 32),
            g -> g.task("k", SynchronizationFaultTest::readsNeighbour, context, out));
    Runs.assertSays("written by thread 0", fault);
    assertEquals("(1, 0, 0)", fault.thread());
  }

  static void overwritesTooEarly(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(32);
    shared[context.localIdx] = context.localIdx;
    context.localBarrier();
    out.set(context.globalIdx, shared[(context.localIdx + 1) % 32]);
    shared[context.localIdx] = 0f;
  }

  @Test
  void localWriteAfterReadWithoutBarrier() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.DATA_RACE,
            grid(64, 32),
            g -> g.task("k", SynchronizationFaultTest::overwritesTooEarly, context, out));
    Runs.assertSays("read by thread", fault);
  }

  static void allWriteOne(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(1);
    shared[0] = context.localIdx;
    out.set(context.globalIdx, 0f);
  }

  @Test
  void localWritesOfSeveralThreads() {
    Runs.fault(
        FaultKind.DATA_RACE,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::allWriteOne, context, out));
  }

  static void waitsForTheWrongMemory(KernelContext context, FloatArray out) {
    out.set(context.globalIdx, context.localIdx);
    context.localBarrier();
    int other = context.groupIdx * 32 + 31 - context.localIdx;
    out.set(context.globalIdx, out.get(other));
  }

  static void waitsForGlobalMemory(KernelContext context, FloatArray out) {
    out.set(context.globalIdx, context.localIdx);
    context.globalBarrier();
    float other = out.get(context.groupIdx * 32 + 31 - context.localIdx);
    context.globalBarrier();
    out.set(context.globalIdx, other);
  }

  @Test
  void globalReadAfterWriteWithoutGlobalBarrier() {
    Runs.fault(
        FaultKind.DATA_RACE,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::waitsForTheWrongMemory, context, out));
  }

  @Test
  void globalBarrierOrdersGlobalMemory() {
    Runs.run(
        grid(64, 32),
        g ->
            g.task("k", SynchronizationFaultTest::waitsForGlobalMemory, context, out)
                .transferToHost(Runs.EVERY, out));
    assertEquals(31f, out.get(32));
  }

  static void readsAnotherGroup(KernelContext context, FloatArray out) {
    out.set(context.globalIdx, 1f);
    context.globalBarrier();
    float other = out.get(context.localIdx);
    context.globalBarrier();
    out.set(context.globalIdx, other);
  }

  @Test
  void globalReadOfWhatAnotherGroupWrites() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.DATA_RACE,
            grid(64, 32),
            g -> g.task("k", SynchronizationFaultTest::readsAnotherGroup, context, out));
    Runs.assertSays("another work-group", fault);
  }

  static void groupsWriteTheSame(KernelContext context, FloatArray out) {
    out.set(context.localIdx, 1f);
  }

  @Test
  void globalWritesOfSeveralGroups() {
    Runs.fault(
        FaultKind.DATA_RACE,
        grid(64, 32),
        g -> g.task("k", SynchronizationFaultTest::groupsWriteTheSame, context, out));
  }

  static void readsThenWritesShared(KernelContext context, FloatArray data) {
    float first = data.get(0);
    if (context.globalIdx == 63) {
      data.set(0, first + 1f);
    }
  }

  @Test
  void globalWriteAfterReadsOfOtherGroups() {
    FloatArray data = floats(64);
    SimulatorFault fault =
        Runs.fault(
            FaultKind.DATA_RACE,
            grid(64, 32),
            g ->
                g.transferToDevice(FIRST, data)
                    .task("k", SynchronizationFaultTest::readsThenWritesShared, context, data));
    Runs.assertSays("read by several", fault);
  }

  static void counts(KernelContext context, IntArray counter) {
    context.atomicAdd(counter, 0, 1);
  }

  @Test
  void atomicAdditionsGoTogether() {
    IntArray counter = new IntArray(1);
    Runs.run(
        grid(64, 32),
        g ->
            g.transferToDevice(FIRST, counter)
                .task("k", SynchronizationFaultTest::counts, context, counter)
                .transferToHost(Runs.EVERY, counter));
    assertEquals(64, counter.get(0));
  }

  static void countsAndReads(KernelContext context, IntArray counter, FloatArray out) {
    context.atomicAdd(counter, 0, 1);
    out.set(context.globalIdx, counter.get(0));
  }

  @Test
  void atomicAdditionAndPlainRead() {
    IntArray counter = new IntArray(1);
    Runs.fault(
        FaultKind.DATA_RACE,
        grid(64, 32),
        g ->
            g.transferToDevice(FIRST, counter)
                .task("k", SynchronizationFaultTest::countsAndReads, context, counter, out));
  }
}
