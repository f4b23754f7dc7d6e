package io.github.hydragen.tornado;

import io.github.hydragen.DeviceInfo;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BackendStep;
import io.github.hydragen.spi.StepLayer;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.plan.SharingModel;
import io.github.hydragen.tornado.prefill.Prefill;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Layout;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An engine on one device. */
final class DeviceBackend implements AttentionBackend {
  private final DeviceInfo info;
  private final EngineDevice engine;
  private final SharingModel sharingModel;
  private final Prefill prefill;

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
    this.engine = new EngineDevice(device, layout, mostElements, this::giveBack);
    this.sharingModel = new SharingModel(layout, device);
    this.prefill = new Prefill(engine);
  }

  /** What long calls hold is given back for what needs it more. */
  private void giveBack() {
    prefill.close();
  }

  EngineDevice engine() {
    return engine;
  }

  SharingModel sharingModel() {
    return sharingModel;
  }

  Prefill prefill() {
    return prefill;
  }

  @Override
  public DeviceInfo device() {
    return info;
  }

  @Override
  public BackendPrefix createPrefix(@Nullable BackendPrefix parent, Tensor k, Tensor v) {
    int tokens = (int) (k.elements() / engine.layout().shape().kvRow());
    DevicePrefix prefix = new DevicePrefix(engine, (DevicePrefix) parent, tokens);
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
    return engine.layout().tuned() ? 2e-3 : AttentionBackend.super.tolerance();
  }

  @Override
  public MemoryUsage memory() {
    return engine.usage().snapshot();
  }

  @Override
  public boolean timeKernels(boolean on) {
    return engine.timeKernels(on);
  }

  @Override
  public BackendStep residentStep(List<StepLayer> layers) {
    return new DeviceStep(engine, layers);
  }

  @Override
  public OptionalLong kernelNanos() {
    return engine.timesKernels()
        ? OptionalLong.of(engine.usage().kernelNanos())
        : OptionalLong.empty();
  }

  @Override
  public void close() {
    prefill.close();
  }
}
