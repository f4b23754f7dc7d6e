package io.github.hydragen.tornado.store;

import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.spi.HostMemory;
import io.github.hydragen.tornado.device.Device;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;

/** A device as one engine uses it: how tensors lie there, and what the engine takes and times. */
public final class EngineDevice {
  private final Device device;
  private final Layout layout;
  private final long mostElements;
  private final Runnable makeRoom;
  private final Usage usage = new Usage();
  private boolean timesKernels = Device.profiles();

  /**
   * A device for an engine.
   *
   * @param mostElements the most elements of an array: what exceeds it is split
   * @param makeRoom gives back what the engine can do without, called where memory is short
   */
  public EngineDevice(Device device, Layout layout, long mostElements, Runnable makeRoom) {
    this.device = device;
    this.layout = layout;
    this.mostElements = mostElements;
    this.makeRoom = makeRoom;
  }

  /** How the engine's tensors lie. */
  public Layout layout() {
    return layout;
  }

  /** The device itself. */
  public Device hardware() {
    return device;
  }

  /** What the engine holds. */
  public Usage usage() {
    return usage;
  }

  /**
   * Counts memory of the device as taken; what the engine can do without is given back for it.
   *
   * @throws InsufficientMemoryException if the device has not as much left; nothing is taken then
   */
  public void take(String what, long bytes) {
    if (bytes > device.left()) {
      makeRoom.run();
    }
    device.take(what, bytes, remedy());
  }

  /** {@link Device#requireFree}; what the engine can do without is given back for it. */
  public void requireFree(String what, long bytes) {
    if (bytes > device.free()) {
      makeRoom.run();
    }
    device.requireFree(what, bytes, remedy());
  }

  /** The most elements of an array. */
  public long mostElements() {
    return mostElements;
  }

  /** The most tokens whose keys fit in an array. */
  public int tokensPerStore() {
    long tokens = Math.max(1, mostElements / layout.kvRow());
    long aligned = tokens / PrefixPool.TILE * PrefixPool.TILE;
    return (int) (layout.tuned() ? Math.max(PrefixPool.TILE, aligned) : tokens);
  }

  /** Bytes of the keys and values of tokens as the caller counts them: without padding. */
  public long kvBytes(long tokens) {
    return 2 * tokens * layout.shape().kvRow() * layout.options().storage().bytes();
  }

  /** Checks an allocation on the host, where every device array has its mirror. */
  public void requireHost(String what, long bytes) {
    HostMemory.require(what, bytes, remedy());
  }

  /** What helps where memory is short. */
  public String remedy() {
    String smaller = "take fewer sequences, a smaller capacity or shorter prefixes";
    boolean widened = layout.storage() != layout.options().storage();
    return widened
        ? smaller + ", or store it as F16: the device keeps BF16 as F32"
        : HostMemory.remedy(smaller, layout.storage());
  }

  /** Whether plans that are made from now on time their kernels. */
  public boolean timesKernels() {
    return timesKernels;
  }

  /** Has plans that are made from now on time their kernels or not, and says whether they do. */
  public boolean timeKernels(boolean on) {
    timesKernels = on && device.canTimeKernels();
    return timesKernels;
  }

  /** Sends a plan to the device. */
  public TornadoExecutionPlan place(TornadoExecutionPlan plan) {
    return device.place(plan, timesKernels);
  }

  /** Counts how long the kernels of an execution ran, if that was timed. */
  public void count(TornadoExecutionResult result) {
    if (timesKernels) {
      usage.addKernelNanos(result.getProfilerResult().getDeviceKernelTime());
    }
  }
}
