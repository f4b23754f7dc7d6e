package io.github.hydragen.spi;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.DeviceLimits;
import io.github.hydragen.EngineOptions;
import java.util.List;
import java.util.Optional;

/** Found by {@link java.util.ServiceLoader}: describes a backend and opens it. */
public interface AttentionBackendProvider {
  /** The name that selects this backend: lower-case, without a colon. */
  String name();

  /**
   * The order in which backends are tried where none is named: the available one with the highest
   * number wins. Negative: never chosen unless named.
   */
  int priority();

  /** Whether the backend can be used here, and if not, why and what to do. Never throws. */
  Availability availability();

  /** The backend's devices, usable or not; empty where they cannot be listed. Never throws. */
  List<DeviceInfo> devices();

  /**
   * Opens the backend.
   *
   * @param device what follows the first colon of the name, empty for the default device
   * @throws io.github.hydragen.BackendUnavailableException if it or the device cannot be used
   * @throws IllegalArgumentException if the backend does not support the shape or an option
   */
  AttentionBackend open(AttentionShape shape, EngineOptions options, String device);

  /**
   * Measures what a device can do at best; takes a second or so.
   *
   * @param device as in {@link #open}
   * @param threads of a CPU backend, as in {@link EngineOptions#withThreads}
   * @return empty where the backend cannot tell
   */
  default Optional<DeviceLimits> measureLimits(String device, int threads) {
    return Optional.empty();
  }

  /**
   * Measures what the backend decides from, such as whether a prefix is to be shared, and keeps it
   * for the engines that this user opens on this machine from now on; takes a few seconds.
   *
   * @param options of such engines
   * @param device as in {@link #open}
   * @param renew whether to measure also what is known from before
   */
  default void calibrate(EngineOptions options, String device, boolean renew) {}
}
