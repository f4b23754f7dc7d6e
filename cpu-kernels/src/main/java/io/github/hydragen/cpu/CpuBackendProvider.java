package io.github.hydragen.cpu;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.DeviceLimits;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.cpu.sharing.SharingRates;
import io.github.hydragen.cpu.sharing.SharingRatesFile;
import io.github.hydragen.cpu.sharing.SharingRatesMeter;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import io.github.hydragen.spi.UserCache;
import java.util.List;
import java.util.Optional;

/** The backend {@code cpu}: available on every machine. */
public final class CpuBackendProvider implements AttentionBackendProvider {
  /** To be counted up when kernels change their speed: rates of earlier ones no longer hold. */
  private static final int KERNELS = 3;

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
    return new Availability(true, simd.description(), simd.remedy());
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
    Simd simd = Simd.best();
    SharingRates rates =
        ratesFile(options.threads())
            .read(options.storage())
            .orElseGet(() -> SharingRates.defaults(options.storage(), simd));
    return new CpuBackend(simd, shape, options, device(), rates);
  }

  private SharingRatesFile ratesFile(int threads) {
    // Put together without a locale, whose digits would be others than those of the command line.
    String machine =
        device().description()
            + (", " + threads(threads) + " used, Java " + Runtime.version())
            + (", kernels " + KERNELS);
    return new SharingRatesFile(UserCache.file("cpu-rates.properties"), machine);
  }

  private static int threads(int asked) {
    return asked == 0 ? Runtime.getRuntime().availableProcessors() : asked;
  }

  /**
   * Measures what the kernels' parts take, from which the sharing of prefixes is decided. Only for
   * the storage type asked for: code compiled for several in one JVM is slower.
   */
  @Override
  public void calibrate(EngineOptions options, String device, boolean renew) {
    Simd simd = Simd.best();
    DataType type = options.storage();
    SharingRatesFile file = ratesFile(options.threads());
    if (!simd.isScalar() && (renew || file.read(type).isEmpty())) {
      SharingRatesMeter.measure(simd, type, threads(options.threads()))
          .ifPresent(rates -> file.write(type, rates));
    }
  }

  /** Empty without vectors: what the scalar twin reaches says nothing about the processor. */
  @Override
  public Optional<DeviceLimits> measureLimits(String device, int threads) {
    if (Simd.best().isScalar()) {
      return Optional.empty();
    }
    return Optional.of(CpuLimits.measure(threads(threads)));
  }
}
