package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.EVERY;
import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.floats;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A planted fault of every kind that has to do with what memory holds. */
class MemoryFaultTest {
  private final KernelContext context = new KernelContext();
  private final FloatArray in = floats(64);
  private final FloatArray out = new FloatArray(64);

  static void readsPastTheEnd(KernelContext context, FloatArray in, FloatArray out) {
    int i = context.globalIdx;
    out.set(i, in.get(i + 1));
  }

  @Test
  void readOutsideGlobalMemory() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.OUT_OF_BOUNDS,
            grid(64, 32),
            g ->
                g.transferToDevice(FIRST, in)
                    .task("k", MemoryFaultTest::readsPastTheEnd, context, in, out));
    assertEquals("(1, 0, 0)", fault.workGroup());
    assertEquals("(31, 0, 0)", fault.thread());
    assertTrue(
        fault.place().matches("FloatArray.get at MemoryFaultTest.readsPastTheEnd\\(line \\d+\\)"),
        fault.place());
  }

  static void writesBeforeTheStart(KernelContext context, FloatArray in, FloatArray out) {
    int i = context.globalIdx;
    out.set(i - 1, in.get(i));
  }

  @Test
  void writeOutsideGlobalMemory() {
    Runs.fault(
        FaultKind.OUT_OF_BOUNDS,
        grid(64, 32),
        g ->
            g.transferToDevice(FIRST, in)
                .task("k", MemoryFaultTest::writesBeforeTheStart, context, in, out));
  }

  static void writesOutsideLocal(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(16);
    shared[context.localIdx] = 1f;
    out.set(context.globalIdx, shared[context.localIdx]);
  }

  @Test
  void writeOutsideLocalMemory() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.OUT_OF_BOUNDS,
            grid(64, 32),
            g -> g.task("k", MemoryFaultTest::writesOutsideLocal, context, out));
    assertEquals("(16, 0, 0)", fault.thread());
  }

  static void writesOutsideOwn(KernelContext context, FloatArray out) {
    float[] own = new float[4];
    for (int i = 0; i <= 4; i++) {
      own[i] = 0f;
    }
    out.set(context.globalIdx, own[0]);
  }

  @Test
  void writeOutsidePrivateMemory() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.OUT_OF_BOUNDS,
            grid(64, 32),
            g -> g.task("k", MemoryFaultTest::writesOutsideOwn, context, out));
    assertTrue(fault.place().contains("writesOutsideOwn(line "), fault.place());
  }

  static void readsUnwrittenLocal(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(64);
    shared[context.localIdx] = 1f;
    context.localBarrier();
    out.set(context.globalIdx, shared[63 - context.localIdx]);
  }

  @Test
  void readOfUnwrittenLocalMemory() {
    Runs.fault(
        FaultKind.UNWRITTEN_READ,
        grid(64, 32),
        g -> g.task("k", MemoryFaultTest::readsUnwrittenLocal, context, out));
  }

  static void readsWhatAnotherGroupWrote(KernelContext context, FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(32);
    if (context.groupIdx == 0) {
      shared[context.localIdx] = 1f;
    }
    out.set(context.globalIdx, shared[context.localIdx]);
  }

  @Test
  void localMemoryIsNotHandedOn() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.UNWRITTEN_READ,
            grid(64, 32),
            g -> g.task("k", MemoryFaultTest::readsWhatAnotherGroupWrote, context, out));
    assertEquals("(1, 0, 0)", fault.workGroup());
  }

  static float sum(float[] values) {
    float sum = 0f;
    for (int i = 0; i < 4; i++) {
      sum += values[i];
    }
    return sum;
  }

  static void reliesOnZeros(KernelContext context, FloatArray out) {
    float[] own = new float[4];
    own[0] = 1f;
    out.set(context.globalIdx, sum(own));
  }

  @Test
  void readOfUnwrittenPrivateMemory() {
    Runs.fault(
        FaultKind.UNWRITTEN_READ,
        grid(64, 32),
        g -> g.task("k", MemoryFaultTest::reliesOnZeros, context, out));
  }

  static void copies(KernelContext context, FloatArray from, FloatArray to) {
    to.set(context.globalIdx, from.get(context.globalIdx));
  }

  static void copiesHalf(KernelContext context, FloatArray from, FloatArray to) {
    if (context.globalIdx < 32) {
      to.set(context.globalIdx, from.get(context.globalIdx));
    }
  }

  @Test
  void readOfUnwrittenOutput() {
    FloatArray middle = new FloatArray(64);
    SimulatorFault fault =
        Runs.fault(
            FaultKind.UNWRITTEN_READ,
            grid(64, 32),
            g ->
                g.transferToDevice(FIRST, in)
                    .task("before", MemoryFaultTest::copiesHalf, context, in, middle)
                    .task("k", MemoryFaultTest::copies, context, middle, out));
    Runs.assertSays("element 32", fault);
  }

  @Test
  void unwrittenOutputIsNotZero() {
    Runs.run(
        grid(64, 32),
        g ->
            g.transferToDevice(FIRST, in)
                .task("k", MemoryFaultTest::copiesHalf, context, in, out)
                .transferToHost(EVERY, out));
    assertEquals(31f, out.get(31));
    assertTrue(Float.isNaN(out.get(32)));
  }

  @Test
  void arrayWithoutTransfer() {
    SimulatorFault fault =
        Runs.fault(
            FaultKind.NOT_TRANSFERRED,
            grid(64, 32),
            g -> g.task("k", MemoryFaultTest::copies, context, in, out));
    Runs.assertSays("no transferToDevice", fault);
  }

  @Test
  void arrayTransferredUnderDemand() {
    Runs.fault(
        FaultKind.NOT_TRANSFERRED,
        grid(64, 32),
        g ->
            g.transferToDevice(DataTransferMode.UNDER_DEMAND, in)
                .task("k", MemoryFaultTest::copies, context, in, out));
  }

  static void appends(KernelContext context, FloatArray cache) {
    cache.set(context.globalIdx, 1f);
  }

  static void readsBehind(KernelContext context, FloatArray cache, FloatArray to) {
    to.set(context.globalIdx, cache.get(context.globalIdx + 64));
  }

  @Test
  void transferDroppedForAnArrayFirstWritten() {
    FloatArray cache = floats(128);
    SimulatorFault fault =
        Runs.fault(
            FaultKind.UNWRITTEN_READ,
            grid(64, 32),
            g ->
                g.transferToDevice(FIRST, cache)
                    .task("before", MemoryFaultTest::appends, context, cache)
                    .task("k", MemoryFaultTest::readsBehind, context, cache, out));
    Runs.assertSays("element 64", fault);
  }

  static void appendsConditionally(KernelContext context, FloatArray cache) {
    if (context.globalIdx < 32) {
      cache.set(context.globalIdx, 1f);
    }
  }

  @Test
  void conditionalWriteKeepsTheTransfer() {
    FloatArray cache = floats(128);
    Runs.run(
        grid(64, 32),
        g ->
            g.transferToDevice(FIRST, cache)
                .task("before", MemoryFaultTest::appendsConditionally, context, cache)
                .task("k", MemoryFaultTest::readsBehind, context, cache, out)
                .transferToHost(EVERY, out));
    assertEquals(64f, out.get(0));
  }

  static void dividesByZero(KernelContext context, FloatArray out) {
    out.set(context.globalIdx, 1 / context.groupIdy);
  }

  @Test
  void exceptionInAKernel() {
    Runs.fault(
        FaultKind.KERNEL_EXCEPTION,
        grid(64, 32),
        g -> g.task("k", MemoryFaultTest::dividesByZero, context, out));
  }
}
