package io.github.hydragen.tornado;

import io.github.hydragen.Availability;
import io.github.hydragen.tornado.device.Devices;

/** The backend {@code simulator}: the same kernels, each thread of them simulated in Java. */
public final class SimulatorBackendProvider extends DeviceProvider {
  /** For {@link java.util.ServiceLoader}. */
  public SimulatorBackendProvider() {}

  @Override
  public String name() {
    return "simulator";
  }

  /** Never unless named: it checks kernels and is slow. */
  @Override
  public int priority() {
    return -1;
  }

  @Override
  Availability path() {
    return Devices.simulated()
        ? Availability.yes("the simulator is on the path")
        : Availability.no(
            Devices.apiPresent()
                ? "TornadoVM itself is on the path, in the simulator's place"
                : "the simulator is not on the path",
            remedy());
  }

  @Override
  String remedy() {
    return "start without TORNADOVM_HOME, with hydragen-tornado-simulator on the path";
  }
}
