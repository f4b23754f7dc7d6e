package io.github.hydragen.tornado;

import io.github.hydragen.Availability;

/** The backend {@code tornado}: the devices of an installed TornadoVM. */
public final class TornadoBackendProvider extends DeviceProvider {
  private static final String REMEDY =
      "install the TornadoVM 5.2.0-jdk25 SDK, set TORNADOVM_HOME to it and start with ./hydragen";

  /** For {@link java.util.ServiceLoader}. */
  public TornadoBackendProvider() {}

  @Override
  public String name() {
    return "tornado";
  }

  /** Behind the CPU engine: a device that TornadoVM finds may be this processor again. */
  @Override
  public int priority() {
    return 1;
  }

  @Override
  Availability path() {
    return Devices.apiPresent() && !Devices.simulated()
        ? Availability.yes("TornadoVM is on the path")
        : Availability.no("TornadoVM is not on the path", REMEDY);
  }

  @Override
  String remedy() {
    return "check the SDK that TORNADOVM_HOME names and its drivers with tornado --devices";
  }
}
