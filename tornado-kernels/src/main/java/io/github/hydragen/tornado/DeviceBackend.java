package io.github.hydragen.tornado;

import io.github.hydragen.DeviceInfo;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BackendStep;
import io.github.hydragen.spi.HostMemory;
import io.github.hydragen.spi.StepLayer;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;

/** An engine on one device. */
final class DeviceBackend implements AttentionBackend {
  private final DeviceInfo info;
  private final Device device;
  private final Layout layout;
  private final SharingModel sharingModel;
  private final long mostElements;
  private final Usage usage = new Usage();
  private final Prefill prefill;
  private boolean timesKernels = Device.profiles();

  DeviceBackend(DeviceInfo info, Device device, Layout layout) {
    this(info, device, layout, device.mostElements(layout.storage().bytes()));
  }

  /**
   * An engine.
   *
   * @param mostElements the most elements of an array: what exceeds it is split
   */
  DeviceBackend(DeviceInfo info, Device device, Layout layout, long mostElements) {
    this.info = info;
    this.device = device;
    this.layout = layout;
    this.sharingModel = new SharingModel(layout, device);
    this.mostElements = mostElements;
    this.prefill = new Prefill(this);
  }

  Layout layout() {
    return layout;
  }

  SharingModel sharingModel() {
    return sharingModel;
  }

  Device hardware() {
    return device;
  }

  Usage usage() {
    return usage;
  }

  Prefill prefill() {
    return prefill;
  }

  /**
   * Counts memory of the device as taken; what long calls hold is given back for it.
   *
   * @throws InsufficientMemoryException if the device has not as much left; nothing is taken then
   */
  void take(String what, long bytes) {
    if (bytes > device.left()) {
      prefill.close();
    }
    device.take(what, bytes, remedy());
  }

  /** {@link Device#requireFree}; what long calls hold is given back for it. */
  void requireFree(String what, long bytes) {
    if (bytes > device.free()) {
      prefill.close();
    }
    device.requireFree(what, bytes, remedy());
  }

  long mostElements() {
    return mostElements;
  }

  /** The most tokens whose keys fit in an array. */
  int tokensPerStore() {
    long tokens = Math.max(1, mostElements / layout.kvRow());
    long aligned = tokens / PrefixPool.TILE * PrefixPool.TILE;
    return (int) (layout.tuned() ? Math.max(PrefixPool.TILE, aligned) : tokens);
  }

  /** Bytes of the keys and values of tokens as the caller counts them: without padding. */
  long kvBytes(long tokens) {
    return 2 * tokens * layout.shape().kvRow() * layout.options().storage().bytes();
  }

  /** Checks an allocation on the host, where every device array has its mirror. */
  void requireHost(String what, long bytes) {
    HostMemory.require(what, bytes, remedy());
  }

  /** What helps where memory is short. */
  String remedy() {
    String smaller = "take fewer sequences, a smaller capacity or shorter prefixes";
    boolean widened = layout.storage() != layout.options().storage();
    return widened
        ? smaller + ", or store it as F16: the device keeps BF16 as F32"
        : HostMemory.remedy(smaller, layout.storage());
  }

  @Override
  public DeviceInfo device() {
    return info;
  }

  @Override
  public BackendPrefix createPrefix(@Nullable BackendPrefix parent, Tensor k, Tensor v) {
    int tokens = (int) (k.elements() / layout.shape().kvRow());
    DevicePrefix prefix = new DevicePrefix(this, (DevicePrefix) parent, tokens);
    try {
      prefix.tokens().write(0, k, v, 0, tokens);
    } catch (RuntimeException | Error e) {
      prefix.close();
      throw e;
    }
    return prefix;
  }

  @Override
  public BackendBatch createBatch(int sequences, int capacity) {
    return new DeviceBatch(this, sequences, capacity);
  }

  /** The tuned kernels multiply in half precision. */
  @Override
  public double tolerance() {
    return layout.tuned() ? 2e-3 : AttentionBackend.super.tolerance();
  }

  @Override
  public MemoryUsage memory() {
    return usage.snapshot();
  }

  /** Whether plans that are made from now on time their kernels. */
  boolean timesKernels() {
    return timesKernels;
  }

  /** Sends a plan to the device. */
  TornadoExecutionPlan place(TornadoExecutionPlan plan) {
    return device.place(plan, timesKernels);
  }

  /** Counts how long the kernels of an execution ran, if that was timed. */
  void count(TornadoExecutionResult result) {
    if (timesKernels) {
      usage.addKernelNanos(result.getProfilerResult().getDeviceKernelTime());
    }
  }

  @Override
  public boolean timeKernels(boolean on) {
    timesKernels = on && device.canTimeKernels();
    return timesKernels;
  }

  @Override
  public BackendStep residentStep(List<StepLayer> layers) {
    return new DeviceStep(this, layers);
  }

  @Override
  public OptionalLong kernelNanos() {
    return timesKernels ? OptionalLong.of(usage.kernelNanos()) : OptionalLong.empty();
  }

  @Override
  public void close() {
    prefill.close();
  }
}
