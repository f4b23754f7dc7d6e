package io.github.hydragen.reference;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.List;

/** The exact reference as a backend: for comparison, never chosen unless named. */
public final class ReferenceBackendProvider implements AttentionBackendProvider {
  static final String NAME = "reference";
  static final DeviceInfo DEVICE =
      new DeviceInfo(
          NAME,
          "double precision, one thread, for comparison",
          Availability.yes("part of the API, needs nothing"));

  /** For {@link java.util.ServiceLoader}. */
  public ReferenceBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return -1;
  }

  @Override
  public Availability availability() {
    return DEVICE.availability();
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(DEVICE);
  }

  @Override
  public AttentionBackend open(AttentionShape shape, EngineOptions options, String device) {
    if (!device.isEmpty()) {
      throw new BackendUnavailableException(
          "backend reference has no device " + device + ": name it without one");
    }
    return new ReferenceBackend(shape, options);
  }
}
