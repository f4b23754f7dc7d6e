package io.github.hydragen.cpu;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.DeviceLimits;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.List;
import java.util.Optional;

/** The backend {@code cpu}: available on every machine. */
public final class CpuBackendProvider implements AttentionBackendProvider {
  /** For {@link java.util.ServiceLoader}. */
  public CpuBackendProvider() {}

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Availability availability() {
    Simd simd = Simd.best();
    return new Availability(true, simd.description(), simd.isScalar() ? Simd.REMEDY : "");
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(device());
  }

  private DeviceInfo device() {
    int processors = Runtime.getRuntime().availableProcessors();
    String words = CpuModel.name() + ", " + processors + " threads, " + Simd.best().description();
    return new DeviceInfo(name(), words, availability());
  }

  @Override
  public AttentionBackend open(AttentionShape shape, EngineOptions options, String device) {
    if (!device.isEmpty()) {
      throw new BackendUnavailableException(
          "backend cpu has no device " + device + ": name it without one");
    }
    return new CpuBackend(Simd.best(), shape, options, device());
  }

  /** Empty without vectors: what the scalar twin reaches says nothing about the processor. */
  @Override
  public Optional<DeviceLimits> measureLimits(String device, int threads) {
    if (Simd.best().isScalar()) {
      return Optional.empty();
    }
    int all = Runtime.getRuntime().availableProcessors();
    return Optional.of(CpuLimits.measure(threads == 0 ? all : threads));
  }
}
