package io.github.hydragen.tornado;

import io.github.hydragen.Availability;
import io.github.hydragen.tornado.device.Devices;

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

  /**
   * Before the CPU engine where the default device is a GPU; else never unless named, as TornadoVM
   * may have found this processor again.
   */
  @Override
  public int priority() {
    return availability().available() && Devices.find("").isGpu() ? 10 : -1;
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
